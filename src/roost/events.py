"""What a use case tells while it works. The edge shows it; tests collect it; nobody else prints."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """Where a step stands."""

    STARTED = "started"
    PROGRESS = "progress"
    DONE = "done"
    FAILED = "failed"
    NOTE = "note"
    """Not a step: one line worth telling."""


@dataclass(frozen=True)
class Event:
    """One thing told: ``step`` names it (stable within one command), ``detail`` is for people.

    ``fraction`` is between 0 and 1 where the step knows how far it is.
    """

    phase: Phase
    step: str
    detail: str = ""
    fraction: float | None = None


Reporter = Callable[[Event], None]
"""Takes every event, from any thread, and must not raise."""


def silent(_event: Event) -> None:
    """The reporter that tells nobody."""


@contextmanager
def step(report: Reporter, name: str, detail: str = "") -> Iterator[Callable[[str], None]]:
    """Tell that ``name`` starts, and how it ended. Yields a function that updates its detail."""
    report(Event(Phase.STARTED, name, detail))
    last = detail

    def update(new_detail: str) -> None:
        nonlocal last
        last = new_detail
        report(Event(Phase.PROGRESS, name, new_detail))

    try:
        yield update
    except BaseException:
        report(Event(Phase.FAILED, name, last))
        raise
    report(Event(Phase.DONE, name, last))


def note(report: Reporter, text: str) -> None:
    """Tell one line."""
    report(Event(Phase.NOTE, "note", text))


class Recorder:
    """A reporter that keeps what it was told, for tests and for errors that quote the last steps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        """Keep the event."""
        with self._lock:
            self.events.append(event)

    def done_steps(self) -> list[str]:
        """The names of the steps that ended well, in the order of their ends."""
        return [event.step for event in self.events if event.phase is Phase.DONE]
