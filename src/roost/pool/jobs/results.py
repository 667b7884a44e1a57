"""How a run ended, and how that becomes of what roost-node tells."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roost.contract import JobFrame
from roost.engines.protocol import StreamName
from roost.errors import JobError, JobHeldError, JobRemovedError
from roost.events import Event, Phase, Reporter, note

OutputHandler = Callable[[StreamName, int, bytes], None]
"""Takes each piece of output as it comes: stream, process, bytes."""

_SIGNAL_BASE = 128
_MISSING_OUTPUT = re.compile(r"reading from file \S*/dir_[0-9]+/(.*?): \(errno 2\)")


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
    """A run whose processes have all ended by themselves. ``outputs`` are the files that came back."""

    cluster: int
    processes: tuple[ProcessResult, ...]
    outputs: tuple[Path, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 if every process ended with 0, else the first other code."""
        return next((one.exit_code for one in self.processes if one.exit_code), 0)

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
            self._take_hold(process, frame)
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

    def _take_hold(self, process: _Process, frame: dict[str, Any]) -> None:
        job, reason = f"job {self.cluster}.{frame['process']}", frame["reason"]
        missing, ended = _MISSING_OUTPUT.search(reason), frame.get("exit_code")
        if missing and ended:
            process.exit_code = ended
            note(self._report, f"{job} ended with {ended} and did not make {missing[1]}")
        elif missing and ended == 0:
            process.trouble = JobError(
                f"{job} ended with 0, but did not make its output {missing[1]}",
                hint="outputs are relative to the directory that the job starts in",
            )
        else:
            process.trouble = JobHeldError(f"{job} was put on hold: {reason}")

    def result(self, outputs: Iterable[Path]) -> RunResult:
        """The result. Raises the trouble of the first process that did not end by itself."""
        for process in self._processes:
            if process.trouble:
                raise process.trouble
        return RunResult(
            self.cluster,
            tuple(
                ProcessResult(
                    number,
                    process.exit_code or 0,
                    process.host,
                    b"".join(process.output[StreamName.STDOUT]),
                    b"".join(process.output[StreamName.STDERR]),
                )
                for number, process in enumerate(self._processes)
            ),
            tuple(outputs),
        )

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
