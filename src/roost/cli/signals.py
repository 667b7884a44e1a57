"""SIGTERM ends a command as Ctrl-C does: by an exception, so that everything cleans up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TerminatedError(KeyboardInterrupt):
    """SIGTERM arrived."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise :class:`TerminatedError` on SIGTERM while the block runs (in the main thread alone)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise TerminatedError
