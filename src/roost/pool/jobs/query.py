"""Looking at the jobs of a pool, and waiting for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from roost.commandline import command_line
from roost.condor.jobs import JobInfo, JobState, check_job_id, parse_job
from roost.engines.protocol import Engine
from roost.errors import (
    EngineUnavailableError,
    JobHeldError,
    RoostError,
    UsageError,
    WaitTimeoutError,
)
from roost.pool.jobs.submitnode import SubmitNode, raise_unknown
from roost.pool.nodes import get_pool

_ALL = -1
"""In the words of HTCondor's bindings, which the node hands it to."""
_ROUND_S = 20.0
"""How long the node waits in one go: it cannot see that nobody listens any more."""
_PATIENCE_S = 180.0
"""A submit node that is made anew is back in seconds; on a machine with far more to do than cores it may take
minutes."""
_PAUSE_S = 1.0


@dataclass(frozen=True)
class JobCounts:
    """How far jobs are. ``done`` have left the queue, in whatever way."""

    idle: int
    running: int
    held: int
    done: int
    total: int

    def __str__(self) -> str:
        states = (f"{count} {state}" for state, count in asdict(self).items() if state != "total")
        return f"{', '.join(states)} of {self.total}"


CountsHandler = Callable[[JobCounts], None]


def list_jobs(engine: Engine, pool: str, *, history: int | None) -> list[JobInfo]:
    """The jobs in the queue and the latest ``history`` that have left it, in the order of ids. None: all
    that HTCondor remembers."""
    most = _ALL if history is None else history
    found = SubmitNode(engine, pool).ask("job-list", str(most))
    ads = {(ad["ClusterId"], ad["ProcId"]): ad for ad in found["history"] + found["queue"]}
    return [parse_job(ad, time.time()) for _, ad in sorted(ads.items())]


def wait_jobs(
    engine: Engine,
    pool: str,
    ids: Sequence[str],
    *,
    timeout_s: float | None = None,
    on_progress: CountsHandler = lambda _counts: None,
) -> list[JobInfo]:
    """Wait until all the jobs have left the queue; how each of them ended, in the order of ids.

    A submit node that starts again, or is made anew, is waited for. Raises NotFoundError for ids that
    are no jobs, JobHeldError when nothing is left to wait for but jobs on hold, and WaitTimeoutError.
    """
    if not ids:
        raise UsageError(
            "there is no job to wait for", hint=f"name them: {command_line('wait 12', pool)}"
        )
    node = SubmitNode(engine, pool)
    checked = [check_job_id(one) for one in ids]
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    counts: JobCounts | None = None
    absence = _Absence(engine, pool)
    while True:
        left_s = _ROUND_S if deadline is None else max(0.0, deadline - time.monotonic())
        round_s = min(_ROUND_S, left_s)
        for frame in absence.bridge(node.frames("job-wait", f"{round_s:.3f}", *checked)):
            raise_unknown(frame, pool)
            if "ended" in frame:
                return _ended([parse_job(ad, time.time()) for ad in frame["ended"]], pool)
            if (new := JobCounts(**frame)) != counts:
                counts = new
                on_progress(counts)
        if deadline is not None and time.monotonic() >= deadline:
            seen = str(counts or "nothing")
            raise WaitTimeoutError(
                f"{', '.join(checked)} not done after {timeout_s:g} s; last seen: {seen}",
                last_seen=seen,
            )


class _Absence:
    """Patience with a submit node that does not answer for a while: its jobs go on."""

    def __init__(self, engine: Engine, pool: str) -> None:
        self._engine = engine
        self._pool = pool
        self._since: float | None = None

    def bridge(self, frames: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The frames; instead of an error, a pause. Raises what they raise when it lasts too long, and
        NotFoundError where all of the pool is gone."""
        try:
            for frame in frames:
                self._since = None
                yield frame
        except EngineUnavailableError:
            raise
        except RoostError:
            now = time.monotonic()
            self._since = self._since or now
            if now - self._since > _PATIENCE_S:
                raise
            get_pool(self._engine, self._pool)
            time.sleep(_PAUSE_S)


def _ended(jobs: list[JobInfo], pool: str) -> list[JobInfo]:
    jobs.sort(key=lambda job: (job.cluster, job.process))
    held = [job for job in jobs if job.state is JobState.HELD]
    if held:
        others = f" (and {len(held) - 1} more are on hold)" if len(held) > 1 else ""
        raise JobHeldError(
            f"job {held[0].id} was put on hold: {held[0].reason}{others}",
            hint="mend what it says and submit it again, or remove it: "
            + command_line(f"rm {held[0].cluster}", pool),
        )
    return jobs
