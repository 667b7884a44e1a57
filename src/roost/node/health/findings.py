"""What is wrong with a node, and the state that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from roost.contract import HealthState

_BY_WEIGHT = (HealthState.UNHEALTHY, HealthState.DEGRADED, HealthState.STARTING)


class Finding(NamedTuple):
    """One thing that is not as it should be, in words for people."""

    state: HealthState
    reason: str


class Verdict(NamedTuple):
    """A node's state and why, the worst first. ``reasons`` is empty exactly when it is healthy."""

    state: HealthState
    reasons: tuple[str, ...] = ()


def degraded(reason: str) -> Finding:
    """The node does its work, but not as it should."""
    return Finding(HealthState.DEGRADED, reason)


def unhealthy(reason: str) -> Finding:
    """The node does not do its role's work."""
    return Finding(HealthState.UNHEALTHY, reason)


def conclude(findings: Iterable[Finding], *, starting: bool = False) -> Verdict:
    """The verdict on all findings. A node that is ``starting`` has not done its work yet, so what is
    missing is no failure of it."""
    found = sorted(findings, key=lambda finding: _BY_WEIGHT.index(finding.state))
    if not found:
        return Verdict(HealthState.HEALTHY)
    reasons = tuple(dict.fromkeys(finding.reason for finding in found))
    return Verdict(HealthState.STARTING if starting else found[0].state, reasons)
