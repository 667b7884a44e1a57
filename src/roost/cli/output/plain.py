"""Progress as plain lines, for logs and pipes."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import click

from roost.cli.output.safety import safe
from roost.events import Event, Phase

_HEARTBEAT_S = 10.0
"""A step that goes on this long says how far it is."""
_LOOK_S = 1.0


@dataclass
class _Step:
    """One that goes on: since when, when it was last told, and what was heard last."""

    began: float
    told: float
    detail: str


class PlainProgress:
    """One line when a step ends, and one every ten seconds while it goes on.

    With ``every_event`` each event is a line, with the seconds since the start first.
    """

    def __init__(self, *, every_event: bool = False) -> None:
        self._every_event = every_event
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._steps: dict[str, _Step] = {}
        self._closed = threading.Event()
        self._heart: threading.Thread | None = None

    def __call__(self, event: Event) -> None:
        """Show one event."""
        with self._lock:
            now = time.monotonic()
            if line := self._line(event, now):
                click.echo(safe(line), err=True)
            if event.phase in (Phase.STARTED, Phase.PROGRESS):
                self._keep(event, now)
            elif event.phase is not Phase.NOTE:
                self._steps.pop(event.step, None)

    def close(self) -> None:
        """Say nothing more of what goes on."""
        self._closed.set()
        if self._heart is not None:
            self._heart.join(_LOOK_S)

    def _line(self, event: Event, now: float) -> str | None:
        if event.phase is Phase.NOTE:
            return event.detail
        name = _name(event.step, event.detail)
        if self._every_event:
            return f"{now - self._began:7.2f} s  {event.phase.value:8}  {name}"
        took_s = now - self._steps[event.step].began if event.step in self._steps else 0.0
        match event.phase:
            case Phase.DONE:
                return f"{name} ({took_s:.1f} s)"
            case Phase.FAILED:
                return f"{name}: failed after {took_s:.1f} s"
        return None

    def _keep(self, event: Event, now: float) -> None:
        if event.phase is Phase.STARTED or event.step not in self._steps:
            self._steps[event.step] = _Step(now, now, event.detail)
        step = self._steps[event.step]
        step.detail = event.detail
        if self._every_event:
            step.told = now
        if self._heart is None or self._closed.is_set():
            self._closed = threading.Event()
            self._heart = threading.Thread(target=self._beat, args=(self._closed,), daemon=True)
            self._heart.start()

    def _beat(self, closed: threading.Event) -> None:
        """A step may go on for long without an event."""
        with suppress(OSError, ValueError):  # a reader that is gone is told by what comes next
            while not closed.wait(_LOOK_S):
                self.tell_long_steps()

    def tell_long_steps(self) -> None:
        """Say how far those are that were not told of for a while."""
        with self._lock:
            if self._closed.is_set():
                return
            now = time.monotonic()
            for name, step in self._steps.items():
                if now - step.told >= _HEARTBEAT_S:
                    step.told = now
                    line = f"{_name(name, step.detail)} ... {now - step.began:.0f} s"
                    click.echo(safe(line), err=True)


def _name(step: str, detail: str) -> str:
    return f"{step}: {detail}" if detail else step
