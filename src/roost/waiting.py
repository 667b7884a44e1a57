"""Waiting for the world to reach a state: a deadline, early failure, and the last facts when it fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from roost.errors import WaitTimeoutError

T = TypeVar("T")


def wait_for(
    what: str,
    look: Callable[[], T | None],
    *,
    timeout_s: float,
    first_pause_s: float = 0.02,
    longest_pause_s: float = 0.25,
    last_seen: Callable[[], str] = lambda: "",
    hint: str | None = None,
) -> T:
    """Call ``look`` until it returns something other than None, and return that.

    ``look`` raises to fail early: a wait whose end cannot come any more must not run to its deadline.
    Pauses grow from ``first_pause_s`` to ``longest_pause_s``, so that short waits stay short and long
    ones stay cheap. Raises :class:`WaitTimeoutError` with ``last_seen()`` once ``timeout_s`` has passed.
    """
    deadline = time.monotonic() + timeout_s
    pause_s = first_pause_s
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() >= deadline:
            seen = last_seen()
            message = f"{what}: not after {timeout_s:g} s"
            raise WaitTimeoutError(
                f"{message}; last seen: {seen}" if seen else message, hint=hint, last_seen=seen
            )
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, longest_pause_s)
