"""Numbers as people say them."""

from __future__ import annotations

from collections.abc import Sequence

_MOST_NAMES = 5


def size(number: float) -> str:
    """``1.5 GB`` of so many bytes, in powers of 1024."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit in ("bytes", "kB") else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"


def duration(seconds: float) -> str:
    """``90 s``, ``12 min``, ``5 h``, ``3 days``."""
    seconds = abs(seconds)
    for most, unit_s, unit in ((120, 1, "s"), (7200, 60, "min"), (48 * 3600, 3600, "h")):
        if seconds < most:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"


def names(words: Sequence[str], count: int | None = None) -> str:
    """Some of them in a row, and how many more there are, of ``count`` in all."""
    shown = words[:_MOST_NAMES]
    more = (len(words) if count is None else count) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
