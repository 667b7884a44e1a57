"""``run``: a command as a job, from the host's files to the host's files."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from roost import contract
from roost.condor.resources import Request, Slot, check_fits, parse_request
from roost.condor.runfile import OWN_DIR, SHARED_DIR, RunJob, run_files
from roost.engines.protocol import Engine, File
from roost.errors import UsageError
from roost.events import Reporter, note, silent, step
from roost.plan.names import SUBMIT_NODE
from roost.pool.jobs.inputs import Input, find_command, find_inputs
from roost.pool.jobs.outputs import find_outputs
from roost.pool.jobs.results import OutputHandler, RunRecord, RunResult
from roost.pool.jobs.stream import FrameStream
from roost.pool.jobs.unpack import unpack
from roost.pool.jobs.upload import owned, upload
from roost.pool.nodes import ask_node, get_node

MAX_COUNT = 20000
"""HTCondor's MAX_JOBS_PER_SUBMISSION."""


def run_command(
    engine: Engine,
    pool: str,
    argv: Sequence[str],
    *,
    count: int = 1,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    cpus: int | None = None,
    memory: int | str | None = None,
    disk: int | str | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_output: OutputHandler | None = None,
    report: Reporter = silent,
) -> RunResult:
    """Run a command as ``count`` jobs and return once all have ended and their outputs are here.

    The job finds ``inputs`` at the paths they have below ``cwd``, and ``outputs`` come back to
    theirs, so that a command line means the same here and there. ``$(Process)`` is replaced in the
    command, inputs and outputs, by the number of the process; each also has it in ROOST_PROCESS.
    ``memory`` and ``disk`` are MB or texts such as ``2GB``.

    Raises UsageError for what cannot be, before anything is submitted; JobHeldError and
    JobRemovedError when a job does not end by itself. However this ends, also by an interrupt,
    nothing of the run stays in the pool.
    """
    here = Path.cwd() if cwd is None else Path(os.path.normpath(cwd.absolute()))
    _check_count(count)
    request = parse_request(cpus, memory, disk)
    command, program = find_command(here, argv)
    uploads = find_inputs(here, [*inputs, *program], count)
    job = RunJob(
        argv=tuple(command),
        count=count,
        outputs=tuple(find_outputs(here, outputs, count)),
        request=request,
        environment=check_environment(environment or {}),
        shared=any(one.process is None for one in uploads),
        own=any(one.process is not None for one in uploads),
    )
    node = get_node(engine, pool, SUBMIT_NODE).name
    with step(report, "run", "waiting for a slot"):
        run = _Run(engine, node, new_submission_id(), report)
        return run.carry_out(job, uploads, RunRecord(count, on_output, report), here)


def new_submission_id() -> str:
    """Sorts by time; unique among all who submit to a pool."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


def check_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Raise UsageError for names that no shell could use, or values that no process can get."""
    for name, value in environment.items():
        if not name.isidentifier() or not name.isascii():
            raise UsageError(f"{name!r} is not the name of an environment variable")
        if "\0" in value:
            raise UsageError(f"the value of {name} contains a NUL character")
    return dict(environment)


def _check_count(count: int) -> None:
    if not 1 <= count <= MAX_COUNT:
        raise UsageError(
            f"cannot run {count} processes", hint=f"--count takes a number from 1 to {MAX_COUNT}"
        )


class _Run:
    """One run on its way through the submit node."""

    def __init__(self, engine: Engine, node: str, submission: str, report: Reporter) -> None:
        self._engine = engine
        self._node = node
        self._submission = submission
        self._report = report

    def carry_out(
        self, job: RunJob, uploads: Sequence[Input], record: RunRecord, to: Path
    ) -> RunResult:
        """Upload, submit, follow, bring back, clean up."""
        over = False
        try:
            self._upload(job, uploads)
            arrived, over = self._follow(job, record, to)
            return record.result(job.outputs, to, arrived)
        finally:
            if not over:
                self._clean()

    def _upload(self, job: RunJob, uploads: Sequence[Input]) -> None:
        with ThreadPoolExecutor(1) as thread:
            asked = thread.submit(self._check_fits, job.request)
            files = list(self._files(job, uploads))
            self._engine.put_files(self._node, contract.JOBS_DIR, files)
            asked.result()

    def _files(self, job: RunJob, uploads: Sequence[Input]) -> Iterator[File]:
        top = self._submission
        yield owned(top, None, 0o700)
        for name, (content, mode) in run_files(job, f"{contract.JOBS_DIR}/{top}").items():
            yield owned(f"{top}/{name}", content, mode)
        groups: dict[int | None, list[tuple[Path, str]]] = {}
        for one in uploads:
            groups.setdefault(one.process, []).append((one.source, one.place))
        every = (*(range(job.count) if job.own else ()), *([None] if job.shared else ()))
        for process in every:
            below = f"{top}/{SHARED_DIR if process is None else f'{OWN_DIR}.{process}'}"
            yield owned(below, None, 0o755)
            yield from upload(groups.get(process, ()), below)

    def _check_fits(self, request: Request) -> None:
        if request:
            slots = [Slot(**one) for one in ask_node(self._engine, self._node, ["job-slots"])]
            check_fits(request, slots)

    def _follow(self, job: RunJob, record: RunRecord, to: Path) -> tuple[set[str], bool]:
        """Names of what came back, and whether the node has cleaned up already."""
        bringing = job.count if job.outputs else 0
        argv = [contract.NODE_PROGRAM, "job-run", self._submission, str(bringing)]
        command = self._engine.exec_stream(self._node, argv, user=contract.JOB_OWNER)
        frames = FrameStream(command, "running the job")
        arrived: list[str] = []
        try:
            for frame in frames:
                record.take(frame)
            if frames.archive:
                arrived = unpack(frames.archive, to, lambda text: note(self._report, text))
            frames.finish()
        finally:
            frames.close()
        return set(arrived), frames.archive is None

    def _clean(self) -> None:
        argv = [contract.NODE_PROGRAM, "job-clean", self._submission]
        self._engine.exec(self._node, argv, user=contract.JOB_OWNER)
