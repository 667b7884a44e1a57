"""What was seen of a node, as findings. Pure: ads and numbers in, words out.

The same rules hold for a node that looks at itself and for the master that knows a node by its ads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from roost.contract import Role
from roost.node.health.daemons import Daemon
from roost.node.health.findings import Finding, degraded, unhealthy
from roost.node.health.intervals import Intervals

Ad = Mapping[str, Any]

WORKER = {Role.MASTER: "COLLECTOR", Role.SUBMIT: "SCHEDD", Role.EXECUTE: "STARTD"}
"""The daemon that makes a node what it is."""
ESSENTIAL = {
    Role.MASTER: ("COLLECTOR", "NEGOTIATOR", "SHARED_PORT"),
    Role.SUBMIT: ("SCHEDD", "SHARED_PORT"),
    Role.EXECUTE: ("STARTD", "SHARED_PORT"),
}
"""Without one of these a node does not do its work."""

_RESTART_GRACE_S = 5.0

NEGOTIATOR_PATIENCE_S = 60.0
"""Added to three intervals: a cycle of a large pool takes its time."""
_STALE_UPDATES = 3
_STALE_GRACE_S = 15.0
CLOCK_SLACK_S = 300.0
"""More than it takes until a node looks at what the collector heard of it."""
LOW_DISK_BYTES = 128 * 1024 * 1024
"""HTCondor itself asks for little, but sandboxes, logs and the queue all want some."""


def backoff_s(restarts: int, intervals: Intervals) -> float:
    """After how long condor_master starts a daemon again that it has restarted so often before
    (``daemon::NextStart`` in masterDaemon.cpp)."""
    return min(intervals.backoff_s + 2.0 ** min(restarts, 20), intervals.backoff_ceiling_s)


def judge_daemons(
    role: Role, daemons: Iterable[Daemon], now: float, intervals: Intervals
) -> Iterator[Finding]:
    """Daemons that ended: a pause while condor_master is about to start them again."""
    seen = {daemon.name: daemon for daemon in daemons}
    for name in ESSENTIAL[role]:
        if name not in seen:
            yield unhealthy(f"the {name} has not started")
    for daemon in seen.values():
        if daemon.ended is None:
            continue
        down_s = max(now - daemon.ended, 0.0)
        due_s = backoff_s(daemon.restarts, intervals) - down_s
        said = f"the {daemon.name} ended {duration(down_s)} ago"
        if due_s > -_RESTART_GRACE_S:
            again = f"in about {duration(max(due_s, 1.0))}"
            yield degraded(f"{said}; condor_master starts it again {again}")
        elif daemon.name in ESSENTIAL[role]:
            yield unhealthy(f"{said} and was not started again")
        else:
            yield degraded(f"{said} and was not started again")


def judge_negotiator(ads: Sequence[Ad], now: float, interval_s: float) -> Iterator[Finding]:
    """The negotiator's ad tells when its last cycle ended."""
    if not ads:
        yield unhealthy("the collector does not know a negotiator: no job is matched")
        return
    ended = number(ads[0], "LastNegotiationCycleEnd0")
    started = number(ads[0], "DaemonStartTime") or now
    silent_s = now - max(ended or 0, started)
    patience_s = 3 * interval_s + NEGOTIATOR_PATIENCE_S
    if silent_s > 3 * patience_s:
        yield unhealthy(f"the negotiator has finished no cycle for {duration(silent_s)}")
    elif silent_s > patience_s:
        yield degraded(f"the negotiator has finished no cycle for {duration(silent_s)}")


def judge_slots(ads: Sequence[Ad]) -> Iterator[Finding]:
    """Whether an executor's slots can start jobs."""
    if not ads:
        yield unhealthy("the STARTD has no slot")
        return
    states = {str(ad.get("State")) for ad in ads}
    if states == {"Drained"} or any(ad.get("Draining") is True for ad in ads):
        yield degraded("this executor drains: it starts no new job")
    elif states == {"Owner"}:
        yield degraded("START is false: this executor takes no job")
    broken = next((ad["SlotBrokenReason"] for ad in ads if ad.get("SlotBrokenReason")), None)
    if broken:
        yield degraded(f"a slot is broken: {broken}")


def judge_disk(role: Role, free_bytes: int) -> Iterator[Finding]:
    """Space on the disk of the node's state, where sandboxes, queue and logs are."""
    if free_bytes >= LOW_DISK_BYTES:
        return
    left = f"{free_bytes // (1024 * 1024)} MB left"
    if role is Role.EXECUTE:
        yield unhealthy(f"the execute directory's disk is full ({left}): no job can start")
    else:
        yield degraded(f"the disk of this node's state is full ({left})")


def judge_heard(what: str, silent_s: float, interval_s: float) -> Iterator[Finding]:
    """An ad that is not renewed any more."""
    if silent_s > _STALE_UPDATES * interval_s + _STALE_GRACE_S:
        yield unhealthy(f"the collector has not heard of {what} for {duration(silent_s)}")


def judge_clock(heard: float, now: float, interval_s: float) -> Iterator[Finding]:
    """``heard`` is when, by the master's clock, the collector last heard of this node: within its
    interval of updates."""
    ahead_s = now - heard
    if ahead_s < -CLOCK_SLACK_S or ahead_s > interval_s + CLOCK_SLACK_S:
        which = "ahead of" if ahead_s > 0 else "behind"
        yield degraded(
            f"this node's clock is {duration(abs(ahead_s))} {which} its master's: one of them is wrong; "
            "tokens are issued, renewed and refused by the clock"
        )


def number(ad: Ad, name: str) -> float | None:
    """An attribute that is a number; None for one that is absent, undefined or anything else."""
    value = ad.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def duration(seconds: float) -> str:
    """``3 s``, ``4 min``, ``2 h``: as exact as one needs it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
