"""Leaving out what another finding explains: a cause is worth more than ten of its effects."""

from __future__ import annotations

from collections.abc import Iterable

from roost.pool.doctor.causes import Cause, Severity
from roost.pool.doctor.finding import Finding

_EFFECTS_ON_THE_NODE = frozenset(
    {Cause.NODE_UNKNOWN, Cause.NODE_STARTING, Cause.NODE_UNWELL, Cause.MASTER_REFUSES}
)
"""Told only where nothing else is wrong with the node."""

_MATCHING = (
    *(Cause.CONTAINER_STOPPED, Cause.CONTAINER_RESTARTING, Cause.CONTAINER_PAUSED),
    *(Cause.NODE_SILENT, Cause.CONFIG_BROKEN, Cause.CLOCK_SKEW, Cause.DISK_FULL),
    *(Cause.DAEMON_RESTARTING, Cause.DAEMON_DOWN, Cause.NEGOTIATOR_STUCK),
)
"""What keeps jobs and slots from being matched, where the master or the submit node has it."""


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that stand for themselves, in their order."""
    found = list(findings)
    return [one for one in found if not any(_explains(other, one) for other in found)]


def _explains(cause: Finding, effect: Finding) -> bool:
    if cause is effect:
        return False
    if effect.cause in _EFFECTS_ON_THE_NODE:
        return _lies_deeper(cause, effect) and set(effect.nodes) <= set(cause.nodes)
    if effect.cause is Cause.JOB_WAITS:
        return cause.cause in _MATCHING and bool({"master", "submit"} & set(cause.nodes))
    return False


def _lies_deeper(cause: Finding, effect: Finding) -> bool:
    causes = list(Cause)
    bad = cause.severity is not Severity.INFO
    return bad and causes.index(cause.cause) < causes.index(effect.cause)
