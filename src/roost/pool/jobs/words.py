"""Words for people."""

from __future__ import annotations

from collections.abc import Iterable


def in_short(names: Iterable[str], most: int = 10) -> str:
    """Names in a row, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
