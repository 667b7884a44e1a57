"""What everything on the test bench is called, so that it touches nothing else and leftovers are known."""

from __future__ import annotations

import os
import re
from pathlib import Path

_OURS = re.compile(r"rth-([0-9]+)(?:-[a-z][a-z0-9]*)?")
BASE_DIR = Path("/var/tmp")
"""On disk, which /tmp is not everywhere: images go there."""


class ForeignError(Exception):
    """Something that the bench did not make: it is left alone."""


def session() -> str:
    """The name of what this process makes, and the start of all other names."""
    return f"rth-{os.getpid()}"


def check_ours(name: str) -> str:
    """The name, if it is this process's. Raises :class:`ForeignError`."""
    if owner(name) != os.getpid():
        raise ForeignError(f"{name} is not of this test bench ({session()})")
    return name


def owner(name: str) -> int | None:
    """The process that made what has this name; None for what no bench made."""
    found = _OURS.fullmatch(name)
    return int(found[1]) if found else None


def is_abandoned(name: str) -> bool:
    """Whether a bench made it whose process is gone."""
    pid = owner(name)
    return pid is not None and not Path("/proc", str(pid)).exists()
