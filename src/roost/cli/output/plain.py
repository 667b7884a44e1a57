"""Progress as plain lines, for logs and pipes."""

from __future__ import annotations

import threading
import time

import click

from roost.cli.output.safety import safe
from roost.events import Event, Phase

_HEARTBEAT_S = 10.0
"""A step that goes on this long says how far it is."""


class PlainProgress:
    """One line when a step ends, and one every ten seconds while it goes on.

    With ``every_event`` each event is a line, with the seconds since the start first.
    """

    def __init__(self, *, every_event: bool = False) -> None:
        self._every_event = every_event
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._started: dict[str, float] = {}
        self._spoke: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Show one event."""
        with self._lock:
            now = time.monotonic()
            if event.phase is Phase.STARTED:
                self._started[event.step] = self._spoke[event.step] = now
            if line := self._line(event, now):
                self._spoke[event.step] = now
                click.echo(safe(line), err=True)

    def close(self) -> None:
        """There is nothing to close."""

    def _line(self, event: Event, now: float) -> str | None:
        if event.phase is Phase.NOTE:
            return event.detail
        name = f"{event.step}: {event.detail}" if event.detail else event.step
        if self._every_event:
            return f"{now - self._began:7.2f} s  {event.phase.value:8}  {name}"
        took_s = now - self._started.get(event.step, now)
        match event.phase:
            case Phase.DONE:
                return f"{name} ({took_s:.1f} s)"
            case Phase.FAILED:
                return f"{name}: failed after {took_s:.1f} s"
            case Phase.PROGRESS if now - self._spoke.get(event.step, now) >= _HEARTBEAT_S:
                return f"{name} ... {took_s:.0f} s"
        return None
