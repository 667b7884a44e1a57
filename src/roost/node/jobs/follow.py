"""Following one cluster: its event log and what its processes write, told as it comes.

Events are those of "Job Event Log Codes" in HTCondor's manual, read by HTCondor's own reader.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roost.contract import JobFrame
from roost.node.jobs.frames import Teller

_CHUNK = 256 * 1024
_FIRST_PAUSE_S = 0.01
_LONGEST_PAUSE_S = 0.1
"""Pauses grow to this while nothing comes. Looking costs an ``open`` for each running process and
stream."""
_STREAMS = ("stdout", "stderr")


@dataclass
class Process:
    """One process of the cluster, and how far its output was told."""

    running: bool = False
    over: bool = False
    told: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_STREAMS, 0))


class Follower:
    """Tells everything about a cluster until each of its processes has ended, or is held."""

    def __init__(self, directory: Path, count: int, teller: Teller) -> None:
        self._directory = directory
        self._teller = teller
        self._processes = {number: Process() for number in range(count)}
        self._handlers: dict[str, Callable[[int, Process, Any], None]] = {
            "EXECUTE": self._on_execute,
            "JOB_TERMINATED": self._on_terminated,
            "JOB_EVICTED": self._on_evicted,
            "JOB_RECONNECT_FAILED": self._on_evicted,
            "SHADOW_EXCEPTION": self._on_evicted,
            "JOB_HELD": self._on_held,
            "JOB_ABORTED": self._on_aborted,
        }

    def follow(self, log: Any) -> None:
        """Read the cluster's ``htcondor2.JobEventLog`` until there is nothing more to come."""
        pause_s = _FIRST_PAUSE_S
        while not all(process.over for process in self._processes.values()):
            moved = self._read_events(log) | self._read_outputs()
            pause_s = _FIRST_PAUSE_S if moved else min(pause_s * 1.3, _LONGEST_PAUSE_S)
            if not moved:
                time.sleep(pause_s)

    def _read_events(self, log: Any) -> bool:
        moved = False
        for event in log.events(stop_after=0):
            moved = True
            process = self._processes.get(event.proc)
            handler = self._handlers.get(event.type.name)
            if process is not None and handler and not process.over:
                handler(event.proc, process, event)
        return moved

    def _read_outputs(self) -> bool:
        moved = False
        for number, process in self._processes.items():
            if process.running:
                for stream in _STREAMS:
                    moved |= self._tell_output(number, process, stream)
        return moved

    def _tell_output(self, number: int, process: Process, stream: str) -> bool:
        """One piece of one stream; False when there is none."""
        told = process.told[stream]
        try:
            with (self._directory / f"{stream}.{number}").open("rb", buffering=0) as file:
                if file.seek(0, 2) <= told:
                    return False
                file.seek(told)
                data = file.read(_CHUNK)
        except FileNotFoundError:
            return False
        process.told[stream] += len(data)
        self._teller.tell_output(number, stream, data)
        return True

    def _tell_rest(self, number: int, process: Process) -> None:
        for stream in _STREAMS:
            while self._tell_output(number, process, stream):
                pass
        process.running = False

    def _on_execute(self, number: int, process: Process, event: Any) -> None:
        process.running = True
        self._teller.tell(JobFrame.STARTED, process=number, host=event.get("SlotName", ""))

    def _on_terminated(self, number: int, process: Process, event: Any) -> None:
        self._tell_rest(number, process)
        process.over = True
        if event.get("TerminatedNormally"):
            self._teller.tell(JobFrame.ENDED, process=number, code=event["ReturnValue"])
        else:
            self._teller.tell(JobFrame.ENDED, process=number, signal=event["TerminatedBySignal"])

    def _on_evicted(self, number: int, process: Process, event: Any) -> None:
        if not process.running:
            return
        self._tell_rest(number, process)
        self._forget_output(number, process)
        reason = str(event.get("Reason") or event.get("Message") or event.type.name.lower())
        self._teller.tell(JobFrame.REQUEUED, process=number, reason=reason)

    def _forget_output(self, number: int, process: Process) -> None:
        """It will be written anew; the event of that may come before the first byte of it."""
        process.told = dict.fromkeys(_STREAMS, 0)
        for stream in _STREAMS:
            with suppress(FileNotFoundError):
                os.truncate(self._directory / f"{stream}.{number}", 0)

    def _on_held(self, number: int, process: Process, event: Any) -> None:
        self._tell_rest(number, process)
        process.over = True
        self._teller.tell(
            JobFrame.HELD,
            process=number,
            reason=event.get("HoldReason", "no reason given"),
            code=event.get("HoldReasonCode", 0),
        )

    def _on_aborted(self, number: int, process: Process, event: Any) -> None:
        self._tell_rest(number, process)
        process.over = True
        self._teller.tell(JobFrame.REMOVED, process=number, reason=str(event.get("Reason") or ""))
