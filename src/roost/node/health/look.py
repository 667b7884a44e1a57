"""Asking HTCondor how it does, for the judge and for the metrics.

The node's own daemon is asked directly, which costs no more than a small answer; the collector is asked
by the master for everything, and by other nodes now and then for what it holds of them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from roost import contract
from roost.contract import Role
from roost.node.bindings import failures
from roost.node.health.findings import Finding, degraded, unhealthy
from roost.node.health.intervals import Intervals
from roost.node.health.judge import Ad, judge_clock, judge_heard, judge_negotiator, judge_slots
from roost.node.health.metrics.pool import METRICS_PROJECTION
from roost.node.health.pool import of_type, slots_of
from roost.node.settings import NodeSettings

_ANSWER_TIMEOUT_S = 10
COLLECTOR_EVERY_S = 60.0
"""Between two questions of a node that is not the master: a pool of a thousand asks its collector 17
times a second."""
_GHOST_UPDATES = 3
_OWN_PROJECTION = ("MyType", "Name", "LastHeardFrom", "DaemonStartTime")


@dataclass(frozen=True)
class Seen:
    """What one look saw: ads of this node (of the whole pool on the master), and what is wrong."""

    ads: Sequence[Ad] = ()
    findings: tuple[Finding, ...] = ()
    ghosts: tuple[str, ...] = ()
    """Slots of this node that only the collector still has."""


@dataclass
class _Heard:
    """When the collector's copy of an ad last changed, by this node's clock."""

    stamp: Any = None
    changed: float = 0.0
    asked: float = field(default=float("-inf"))
    findings: tuple[Finding, ...] = ()
    ghosts: tuple[str, ...] = ()


class Looker:
    """Looks at HTCondor, as often as it is told to."""

    def __init__(self, settings: NodeSettings, intervals: Intervals) -> None:
        import htcondor2

        self._htcondor = htcondor2
        # HTCondor's tools look in the system's token directory when root calls them; its bindings
        # (23.9.6) look in the user's alone.
        htcondor2.param["SEC_TOKEN_DIRECTORY"] = contract.TOKENS_DIR
        htcondor2.param["QUERY_TIMEOUT"] = str(_ANSWER_TIMEOUT_S)
        # The other two: a daemon that is not there has no address to ask at.
        self._failures: tuple[type[Exception], ...] = (*failures(), ValueError, TypeError)
        self._settings = settings
        self._heard = _Heard()
        self._collector = htcondor2.Collector()
        self._intervals = intervals

    def look(self, now: float, *, thorough: bool) -> Seen:
        """Ask this node's daemons. ``thorough``: the collector too, though it was asked lately."""
        if self._settings.role is Role.MASTER:
            return self._look_at_pool(now)
        daemon, kind = _DIRECT[self._settings.role]
        ads = self._ask_own(daemon, kind)
        if ads is None:
            return Seen(findings=(unhealthy(f"the {daemon.upper()} does not answer"),))
        findings = list(judge_slots(slots_of(ads))) if daemon == "Startd" else []
        if thorough or now - self._heard.asked >= COLLECTOR_EVERY_S:
            self._ask_collector(kind, now)
        ghosts, self._heard.ghosts = self._heard.ghosts, ()
        return Seen(ads, (*findings, *self._heard.findings), ghosts)

    def _look_at_pool(self, now: float) -> Seen:
        try:
            ads = self._collector.query(
                self._htcondor.AdType.Any, projection=list(METRICS_PROJECTION)
            )
        except self._failures:
            return Seen(findings=(unhealthy("the COLLECTOR does not answer"),))
        negotiators = of_type(ads, "Negotiator")
        return Seen(ads, tuple(judge_negotiator(negotiators, now, self._intervals.negotiator_s)))

    def _ask_own(self, daemon: str, kind: str) -> Sequence[Ad] | None:
        """The ads that the daemon would send to the collector; None where it does not answer."""
        try:
            place = self._collector.locate(getattr(self._htcondor.DaemonType, daemon))
            ads: Sequence[Ad] = self._htcondor.Collector(place).query(
                getattr(self._htcondor.AdType, kind), projection=list(METRICS_PROJECTION)
            )
        except self._failures:
            return None
        return ads

    def _ask_collector(self, kind: str, now: float) -> None:
        """What the collector holds of this node, which stands until it is asked again."""
        self._heard.asked = now
        self._heard.findings = tuple(self._judge_collector(kind, now))

    def _judge_collector(self, kind: str, now: float) -> Iterator[Finding]:
        machine = contract.node_hostname(self._settings.node, self._settings.pool)
        daemon = _DIRECT[self._settings.role][0].upper()
        try:
            ads = self._collector.query(
                getattr(self._htcondor.AdType, kind),
                constraint=f'Machine == "{machine}"',
                projection=list(_OWN_PROJECTION),
            )
        except self._failures:
            yield degraded(f"the master's collector at {self._settings.master} does not answer")
            return
        if not ads:
            yield unhealthy(f"the collector does not know this node's {daemon}")
            return
        # Its clock may be another one: a stamp that changes is a sign of life, whatever it says.
        stamp = max(ad.get("LastHeardFrom", 0) for ad in ads)
        self._heard.ghosts = find_ghosts(ads, stamp - _GHOST_UPDATES * self._intervals.update_s)
        interval_s = max(self._intervals.update_s, COLLECTOR_EVERY_S / 2)
        if stamp != self._heard.stamp:
            if self._heard.stamp is not None:
                yield from judge_clock(float(stamp), now, interval_s)
            self._heard.stamp, self._heard.changed = stamp, now
        yield from judge_heard(f"this node's {daemon}", now - self._heard.changed, interval_s)


def find_ghosts(ads: Sequence[Ad], before: float) -> tuple[str, ...]:
    """Slots that were heard of for the last time before that, by the collector's clock. All slots of a node
    are told at once; one that was given up while the network was cut stays for a quarter of an hour."""
    slots = (ad for ad in ads if str(ad.get("Name", "")).startswith("slot"))
    return tuple(str(ad["Name"]) for ad in slots if ad.get("LastHeardFrom", 0) < before)


_DIRECT = {Role.SUBMIT: ("Schedd", "Schedd"), Role.EXECUTE: ("Startd", "Startd")}
"""Daemon and kind of ad to ask for, by their names in the bindings."""
