"""Standard input: whether there is any, and whether somebody is at it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def can_ask() -> bool:
    """Somebody may answer a question."""
    return sys.stdin is not None and sys.stdin.isatty()


def has_input() -> bool:
    """Standard input is something else than nothing."""
    try:
        given = os.fstat(sys.stdin.fileno())
        return not os.path.samestat(given, Path(os.devnull).stat())
    except (OSError, ValueError, AttributeError):  # closed, or no file at all
        return False
