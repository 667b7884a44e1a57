"""Asking and changing the queue of this node's schedd."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any, TypeVar

from roost.node.bindings import failures
from roost.node.say import NodeError

T = TypeVar("T")
AWAY_S = 20.0
"""A schedd that starts anew is away for seconds."""
_PAUSE_S = 1.0
Ad = dict[str, Any]
"""Attributes as plain values; what has no plain value is its text."""


def query(constraint: str, projection: Sequence[str]) -> list[Ad]:
    """Jobs in the queue."""
    import htcondor2

    try:
        found = htcondor2.Schedd().query(constraint=constraint, projection=list(projection))
    except failures() as error:
        raise NodeError(f"the schedd does not answer: {error}") from error
    return [plain(ad) for ad in found]


def history(constraint: str, projection: Sequence[str], most: int = -1) -> Iterator[Ad]:
    """The latest ``most`` jobs that have left the queue, the latest first; -1: all that are remembered.
    Each becomes plain as it is taken: there may be thousands."""
    import htcondor2

    try:
        found = htcondor2.Schedd().history(
            constraint=constraint, projection=list(projection), match=most
        )
    except failures() as error:
        raise NodeError(f"the schedd does not tell its history: {error}") from error
    return map(plain, found)


def plain(ad: Any) -> Ad:
    """An ad as data for JSON, without what is undefined: the bindings' word for that is an integer
    (``classad2.Value``)."""
    return {
        name: value if isinstance(value, (str, int, float, bool)) else str(value)
        for name, value in ad.items()
        if not isinstance(value, IntEnum)
    }


def patiently(act: Callable[[], T], *, away_s: float | None = None) -> T:
    """What comes of it once the schedd answers. Raises NodeError where it does not for ``away_s``, or
    :data:`AWAY_S`."""
    deadline = time.monotonic() + (AWAY_S if away_s is None else away_s)
    while True:
        try:
            return act()
        except NodeError:
            if time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_S)


def remove(constraint: str, *, timeout_s: float = 10.0) -> None:
    """Remove jobs, and return once they have left the queue, or after ``timeout_s``."""
    if not query(constraint, ["ProcId"]):
        return
    done = subprocess.run(
        ["condor_rm", "-constraint", constraint], capture_output=True, text=True, check=False
    )
    deadline = time.monotonic() + timeout_s
    while left := query(constraint, ["ProcId"]):
        if time.monotonic() > deadline:
            raise NodeError(f"{len(left)} jobs are still being removed: {done.stderr.strip()}")
        time.sleep(0.1)
