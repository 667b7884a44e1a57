"""How a run ended, and how that becomes of what roost-node tells."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roost.condor.macros import replace_macros
from roost.contract import JobFrame
from roost.engines.protocol import StreamName
from roost.errors import JobError, JobHeldError, JobRemovedError
from roost.events import Event, Phase, Reporter, note
from roost.pool.jobs.words import in_short

OutputHandler = Callable[[StreamName, int, bytes], None]
"""Takes each piece of output as it comes: stream, process, bytes."""

_SIGNAL_BASE = 128


@dataclass(frozen=True)
class ProcessResult:
    """One process of a run. ``exit_code`` is 128+n for the end by signal n, as in a shell.

    ``stdout`` and ``stderr`` are empty where a handler took the output as it came.
    """

    process: int
    exit_code: int
    host: str
    stdout: bytes = b""
    stderr: bytes = b""


@dataclass(frozen=True)
class RunResult:
    """A run whose processes have all ended by themselves.

    ``outputs`` are the paths that were named as outputs and came back."""

    cluster: int
    processes: tuple[ProcessResult, ...]
    outputs: tuple[Path, ...] = ()

    @property
    def exit_code(self) -> int:
        """The highest of all processes."""
        return max(one.exit_code for one in self.processes)

    @property
    def stdout(self) -> str:
        """What all processes wrote, in their order."""
        return b"".join(one.stdout for one in self.processes).decode(errors="replace")

    @property
    def stderr(self) -> str:
        """The same of standard error."""
        return b"".join(one.stderr for one in self.processes).decode(errors="replace")


@dataclass
class _Process:
    host: str = ""
    running: bool = False
    exit_code: int | None = None
    trouble: JobError | None = None
    output: dict[StreamName, list[bytes]] = field(
        default_factory=lambda: {stream: [] for stream in StreamName}
    )

    def result(self, number: int) -> ProcessResult:
        """What is told of it in the end."""
        stdout, stderr = (b"".join(self.output[stream]) for stream in StreamName)
        return ProcessResult(number, self.exit_code or 0, self.host, stdout, stderr)


class RunRecord:
    """Takes the frames of one run; in the end it gives its result or raises."""

    def __init__(self, count: int, on_output: OutputHandler | None, report: Reporter) -> None:
        self.cluster = 0
        self._on_output = on_output or self._keep_output
        self._report = report
        self._processes = [_Process() for _ in range(count)]

    def take(self, frame: dict[str, Any]) -> None:
        """One frame. Raises JobError when nothing was submitted."""
        kind = JobFrame(frame["kind"])
        if kind is JobFrame.OUTPUT:
            stream, data = StreamName(frame["stream"]), base64.b64decode(frame["data"])
            self._on_output(stream, frame["process"], data)
            return
        if kind is JobFrame.REFUSED:
            raise JobError(f"HTCondor refused the job: {frame['message']}")
        if kind is JobFrame.SUBMITTED:
            self.cluster = frame["cluster"]
        else:
            self._take_state(kind, self._processes[frame["process"]], frame)
        self._tell_progress()

    def _take_state(self, kind: JobFrame, process: _Process, frame: dict[str, Any]) -> None:
        process.running = kind is JobFrame.STARTED
        if kind is JobFrame.STARTED:
            process.host = frame["host"]
        elif kind is JobFrame.ENDED:
            process.exit_code = frame.get("code", _SIGNAL_BASE + frame.get("signal", 0))
        elif kind is JobFrame.HELD:
            process.trouble = JobHeldError(
                f"job {self.cluster}.{frame['process']} was put on hold: {frame['reason']}"
            )
        elif kind is JobFrame.REMOVED:
            reason = f": {frame['reason']}" if frame["reason"] else ""
            process.trouble = JobRemovedError(
                f"job {self.cluster}.{frame['process']} was removed{reason}"
            )
        elif kind is JobFrame.REQUEUED:
            for pieces in process.output.values():
                pieces.clear()
            job = f"job {self.cluster}.{frame['process']}"
            note(self._report, f"{job} will start again: {frame['reason']}")

    def places(self, outputs: Sequence[str]) -> set[str]:
        """All that the processes may bring back, by its path."""
        numbers = range(len(self._processes))
        return {place for number in numbers for place in self._places(number, outputs)}

    def _places(self, number: int, outputs: Sequence[str]) -> list[str]:
        return [replace_macros(one, process=number, cluster=self.cluster) for one in outputs]

    def result(self, outputs: Sequence[str], to: Path, arrived: Set[str]) -> RunResult:
        """The result. Raises the trouble of the first process that did not end by itself, and
        JobError when one ended well without an output that it should have made."""
        for number, process in enumerate(self._processes):
            if process.trouble:
                raise process.trouble
            if process.exit_code is None:
                raise JobError(f"lost sight of job {self.cluster}.{number} before it ended")
        present = []
        for number, process in enumerate(self._processes):
            places = self._places(number, outputs)
            missing = [one for one in places if one not in arrived]
            present += [to / one for one in places if one in arrived]
            if missing:
                self._take_missing(number, process.exit_code, missing)
        return RunResult(
            self.cluster,
            tuple(process.result(number) for number, process in enumerate(self._processes)),
            tuple(dict.fromkeys(present)),
        )

    def _take_missing(self, number: int, exit_code: int | None, missing: list[str]) -> None:
        text = f"job {self.cluster}.{number} ended with {exit_code} and did not make "
        text += in_short(missing)
        if not exit_code:
            raise JobError(text, hint="outputs are relative to where the command is started")
        note(self._report, text)

    def _keep_output(self, stream: StreamName, process: int, data: bytes) -> None:
        self._processes[process].output[stream].append(data)

    def _tell_progress(self) -> None:
        count = len(self._processes)
        running = [process for process in self._processes if process.running]
        over = sum(p.exit_code is not None or p.trouble is not None for p in self._processes)
        if count == 1:
            detail = f"running on {running[0].host}" if running else "waiting for a slot"
        else:
            detail = f"{over} of {count} done, {len(running)} running"
        if over < count:
            self._report(Event(Phase.PROGRESS, "run", detail, over / count))
