"""``run``: a command as a job, from the host's files to the host's files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from os import PathLike
from pathlib import Path

from roost import contract
from roost.commandline import command_line
from roost.condor.resources import Request, Slot, explain_misfit, parse_request
from roost.condor.runfile import OWN_DIR, SHARED_DIR, RunJob, run_files
from roost.engines.protocol import Engine, File
from roost.errors import RoostError, UsageError
from roost.events import Reporter, note, silent, step
from roost.pool.jobs.inputs import Input, find_command, find_here, find_inputs
from roost.pool.jobs.outputs import find_outputs
from roost.pool.jobs.results import OutputHandler, RunRecord, RunResult
from roost.pool.jobs.stream import FrameStream
from roost.pool.jobs.submitnode import SubmitNode, new_submission
from roost.pool.jobs.unpack import unpack
from roost.pool.jobs.upload import owned, upload

MAX_COUNT = 20000
"""HTCondor's MAX_JOBS_PER_SUBMISSION."""


def run_command(
    engine: Engine,
    pool: str,
    argv: Sequence[str],
    *,
    count: int = 1,
    inputs: Sequence[str | PathLike[str]] = (),
    outputs: Sequence[str | PathLike[str]] = (),
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
    nothing of the run stays in the pool, but for results that cannot be written here, which may be
    fetched.
    """
    here = find_here(cwd)
    _check_count(count)
    request = parse_request(cpus, memory, disk)
    command, program = find_command(here, argv)
    uploads = find_inputs(here, [*(os.fspath(one) for one in inputs), *program], count)
    job = RunJob(
        argv=tuple(command),
        count=count,
        outputs=tuple(find_outputs(here, [os.fspath(one) for one in outputs], count)),
        request=request,
        environment=check_environment(environment or {}),
        shared=any(one.process is None for one in uploads),
        own=any(one.process is not None for one in uploads),
    )
    node = SubmitNode(engine, pool)
    with step(report, "run", "waiting for a slot") as tell:
        record = RunRecord(count, on_output, report)
        result = _Run(node, here, report).carry_out(job, uploads, record)
        tell("1 job done" if count == 1 else f"{count} jobs done")
        return result


def check_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Raise UsageError for names that no shell could use, or values that no process can get."""
    for name, value in environment.items():
        if not name.isidentifier() or not name.isascii():
            raise UsageError(
                f"{name!r} is not the name of an environment variable",
                hint="use letters, digits and '_', and no digit first",
            )
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

    def __init__(self, node: SubmitNode, here: Path, report: Reporter) -> None:
        self._node = node
        self._here = here
        self._report = report
        self._submission, self._files = new_submission(here)
        self._over = False
        """The node has cleaned up, or there is something left to fetch."""

    def carry_out(self, job: RunJob, uploads: Sequence[Input], record: RunRecord) -> RunResult:
        """Upload, submit, follow, bring back, clean up."""
        try:
            self._upload(job, uploads)
            return record.result(job.outputs, self._here, self._follow(job, record))
        finally:
            if not self._over:
                self._node.clean(self._submission, self._report)

    def _upload(self, job: RunJob, uploads: Sequence[Input]) -> None:
        with ThreadPoolExecutor(1) as thread:
            asked = thread.submit(self._check_fits, job.request)
            self._node.put([*self._files, *self._job_files(job, uploads)])
            asked.result()

    def _job_files(self, job: RunJob, uploads: Sequence[Input]) -> Iterator[File]:
        top = self._submission
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
            slots = [Slot(**one) for one in self._node.ask("job-slots", root=True)]
            if misfit := explain_misfit(request, slots):
                raise UsageError(
                    f"no slot of the pool can ever take this job: {misfit}",
                    hint="ask for less, or add bigger executors",
                )

    def _follow(self, job: RunJob, record: RunRecord) -> Set[str]:
        """Names of what came back."""
        bringing = job.count if job.outputs else 0
        command = self._node.start("job-run", self._submission, str(bringing))
        with closing(FrameStream(command, "running the job")) as frames:
            for frame in frames:
                record.take(frame)
            if frames.has_archive:
                return self._bring_back(frames, record.cluster, record.places(job.outputs))
            frames.finish()
            self._over = True
        return set()

    def _bring_back(self, frames: FrameStream, cluster: int, outputs: Set[str]) -> Set[str]:
        """Names of what was written. What cannot be stays in the pool: it may be the work of days."""
        try:
            written = unpack(
                frames.archive,
                self._here,
                lambda text: note(self._report, text),
                outputs=outputs,
            )
            frames.finish()
        except Exception as error:
            raise self._kept(error, cluster, outputs) from error
        return set(written)

    def _kept(self, problem: Exception, cluster: int, outputs: Set[str]) -> RoostError:
        """The problem, with what became of the results."""
        self._over = True
        pool = self._node.pool
        try:
            self._node.keep(self._submission, cluster, outputs, self._here, self._report)
        except RoostError as error:
            hint = f"the results may still be in the submit node, at {contract.JOBS_DIR}/{self._submission}: "
            hint += error.message
        else:
            fetch, remove = (
                command_line(f"{one} {cluster}", pool) for one in ("fetch", "rm --purge")
            )
            hint = f"the results stay in the pool: `{fetch}` brings them (with --to DIRECTORY elsewhere), "
            hint += f"`{remove}` removes them"
        told = problem.message if isinstance(problem, RoostError) else repr(problem)
        return RoostError(told, hint=hint)
