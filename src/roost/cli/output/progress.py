"""The one renderer of progress, on stderr: live on a terminal, plain lines off one."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Protocol

from roost.events import Event


class Renderer(Protocol):
    """Shows events, from any thread."""

    def __call__(self, event: Event) -> None:
        """Show one event."""
        ...

    def close(self) -> None:
        """Leave the terminal as it is for others; the next event opens the display again."""
        ...


class ProgressSwitch:
    """Chooses the renderer at the first event, so that commands without progress load none.

    ``verbosity`` is asked then: options may stand after the point where this was made.
    """

    def __init__(self, verbosity: Callable[[], int]) -> None:
        self._verbosity = verbosity
        self._lock = threading.Lock()
        self._renderer: Renderer | None = None
        self.quiet = False
        """Show nothing, for commands whose output is somebody else's."""

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if self.quiet:
            return
        with self._lock:
            if self._renderer is None:
                self._renderer = _choose(self._verbosity())
        self._renderer(event)

    def close(self) -> None:
        """Take a live display off the terminal."""
        if self._renderer is not None:
            self._renderer.close()


def is_live(verbosity: int) -> bool:
    """Whether stderr can be drawn on, and nobody asked for every step."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not verbosity


def _choose(verbosity: int) -> Renderer:
    if is_live(verbosity):
        from roost.cli.output.live import LiveProgress

        return LiveProgress()
    from roost.cli.output.plain import PlainProgress

    return PlainProgress(every_event=verbosity > 0)
