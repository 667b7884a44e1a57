"""What a command that came by an engine's exec did, told in the container's own log as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from roost.node.say import say

_LOG = Path("/proc/1/fd/1")
"""The standard output of the container's first process."""


@contextmanager
def aloud(log: Path = _LOG) -> Iterator[None]:
    """What is said in this block goes into the container's log; to standard output where that fails."""
    try:
        file = log.open("a", encoding="utf-8")
    except OSError:
        yield
        return
    with file, redirect_stdout(file):
        yield


def note(message: str) -> None:
    """One line for the log."""
    with aloud():
        say(message)
