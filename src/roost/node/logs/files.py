"""Which files below the log directory are logs, whose they are, and in which order to read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import cache
from typing import NamedTuple

from roost.logline import EVENT

# Rotated files: `.old`, by time (log_rotate.cpp) or by number (write_user_log.cpp).
_NAME = re.compile(
    r"([A-Z][A-Za-z_]*Log(?:\..+?)??|dprintf_failure\..+?)(?:\.(old|\d{8}T\d{6}|\d{1,4}))?"
)
_SLOT = re.compile(r"slot\d+(?:_\d+)?(?:@.*)?")
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DAEMONS = {
    "StartLog": "STARTD",
    "SchedLog": "SCHEDD",
    "SchedAuditLog": "SCHEDD",
    "ProcLog": "PROCD",
    "MatchLog": "NEGOTIATOR",
    "CollectorSecurityLog": "COLLECTOR",
    "EventLog": EVENT,
    # Of starters on executors, of shadows on submit nodes: told apart by their lines.
    "XferStatsLog": "STARTER",
}
_EFFECTS = ("ShadowLog", "StarterLog", "XferStatsLog")
"""Logs whose lines are explained by those of other logs."""


class Shape(Enum):
    """How a file is made of events."""

    DAEMON = "daemon"
    """An event begins with a line that has a header; lines without one belong to it."""
    JOBS = "jobs"
    """The global event log: an event ends with a line of three dots."""
    PLAIN = "plain"
    """Every line is an event."""


class LogKind(NamedTuple):
    """What the name of a log says about its lines. Logs of lower ``rank`` are read first."""

    daemon: str
    shape: Shape
    slot: str | None
    rank: int


@cache
def kind_of(base: str) -> LogKind:
    """What the log of that name, without what rotation adds to it, holds."""
    stem, _, rest = base.partition(".")
    if stem == "dprintf_failure":
        return LogKind(rest, Shape.PLAIN, None, 0)
    daemon = _DAEMONS.get(stem) or _WORD.sub("_", stem.removesuffix("Log")).upper()
    shape = Shape.JOBS if daemon == EVENT else Shape.DAEMON
    slot = rest if _SLOT.fullmatch(rest) else None
    return LogKind(daemon, shape, slot, int(stem in _EFFECTS))


def group_logs(names: Iterable[str]) -> dict[str, list[str]]:
    """The files of each log, from the oldest to the one that is written to."""
    logs: dict[str, list[tuple[tuple[int, int, str], str]]] = {}
    for name in names:
        found = _NAME.fullmatch(name)
        if found:
            logs.setdefault(found[1], []).append((_age(found[2]), name))
    return {base: [name for _age, name in sorted(files)] for base, files in logs.items()}


def _age(suffix: str | None) -> tuple[int, int, str]:
    if suffix is None:
        return (3, 0, "")
    if suffix == "old":  # where HTCondor puts the oldest of those with a time, too
        return (0, 0, "")
    if suffix.isdecimal():
        return (1, -int(suffix), "")
    return (2, 0, suffix)
