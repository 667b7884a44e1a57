"""The one renderer of progress, on stderr: live on a terminal, plain lines off one."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from roost.events import Event, Phase


class Renderer(Protocol):
    """Shows events, from any thread."""

    def __call__(self, event: Event) -> None:
        """Show one event."""
        ...

    def close(self) -> None:
        """Leave the terminal as it is for others; the next event opens the display again."""
        ...


class Show(Enum):
    """How much of what happens is worth a look."""

    ALL = "all"
    PRESENT = "present"
    """What goes on now, drawn live, without a trace of it afterwards; off a terminal only notes."""
    NOTES = "notes"
    """No steps: what is drawn would stand in the way of somebody else's output."""


class Progress:
    """Chooses the renderer at the first event, so that commands without progress load none.

    ``verbosity`` is asked then: options may stand after the point where this was made.
    """

    def __init__(self, verbosity: Callable[[], int]) -> None:
        self._verbosity = verbosity
        self._lock = threading.Lock()
        self._renderer: Renderer | None = None
        self.show = Show.ALL

    def __call__(self, event: Event) -> None:
        """Show one event."""
        verbose = self._verbosity() > 0
        if not verbose and not self._is_worth_showing(event.phase):
            return
        with self._lock:
            if self._renderer is None:
                self._renderer = _make_renderer(verbose=verbose)
        self._renderer(event)

    def close(self) -> None:
        """Take a live display off the terminal."""
        if self._renderer is not None:
            self._renderer.close()

    def make_way(self) -> None:
        """Somebody else writes to the terminal from now on."""
        if self.show is Show.PRESENT:
            self.close()
            self.show = Show.NOTES

    def _is_worth_showing(self, phase: Phase) -> bool:
        if self.show is Show.ALL:
            return True
        if phase is Phase.NOTE:
            return True
        now = (Phase.STARTED, Phase.PROGRESS)
        return self.show is Show.PRESENT and phase in now and can_draw()


def can_draw() -> bool:
    """Stderr is a terminal that can be drawn on."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _make_renderer(*, verbose: bool) -> Renderer:
    if can_draw() and not verbose:
        from roost.cli.output.live import LiveProgress

        return LiveProgress()
    from roost.cli.output.plain import PlainProgress

    return PlainProgress(every_event=verbose)
