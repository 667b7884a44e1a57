"""Waiting for jobs, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence

from roost.cli.app import App
from roost.cli.output.stdout import count, say
from roost.condor.jobs import JobInfo, JobState
from roost.errors import ExitCode
from roost.events import Event, Phase, step
from roost.pool import Pool
from roost.pool.jobs.query import JobCounts

_MOST_FAILURES = 10


def wait_for_jobs(
    app: App, pool: Pool, ids: Sequence[str], *, timeout_s: float | None = None
) -> list[JobInfo]:
    """Wait for jobs and show how far they are."""

    def show(counts: JobCounts) -> None:
        fraction = counts.done / counts.total if counts.total else None
        app.progress(Event(Phase.PROGRESS, "wait", str(counts), fraction))

    with step(app.progress, "wait") as tell:
        ended = pool.wait(*ids, timeout_s=timeout_s, on_progress=show)
        tell(f"{count(len(ended), 'job')} ended")
    return ended


def report_ends(jobs: Sequence[JobInfo]) -> ExitCode:
    """Name the jobs that failed, on stderr; the exit code that they make together."""
    failed = [job for job in jobs if job.state is not JobState.COMPLETED or job.exit_code]
    for job in failed[:_MOST_FAILURES]:
        say(f"job {job.id} {_end(job)}")
    if len(failed) > _MOST_FAILURES:
        say(f"and {len(failed) - _MOST_FAILURES} more failed")
    return ExitCode.FAILED if failed else ExitCode.DONE


def _end(job: JobInfo) -> str:
    if job.state is JobState.COMPLETED:
        return f"ended with {job.exit_code}"
    return f"is {job.state}" + (f": {job.reason}" if job.reason else "")
