"""What the master knows of every node: the collector's ads, judged node by node. Pure.

condor_master updates its ad at once when a daemon of its node ends or starts, and says 0 for the start
time of one that is down (``Daemons::Update`` in masterDaemon.cpp), so this is nearly as fresh as what a
node knows of itself, also of nodes that nothing can connect to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from roost.contract import Role, node_of_machine
from roost.node.health.daemons import Daemon
from roost.node.health.findings import Finding, Verdict, conclude, degraded, unhealthy
from roost.node.health.intervals import Intervals
from roost.node.health.judge import (
    WORKER,
    Ad,
    judge_heard,
    judge_negotiator,
    judge_slots,
    number,
)
from roost.node.projection import HEALTH_PROJECTION

_START_TIME = "_StartTime"
_CLOCK_SLACK_S = 2.0


class NodeView(NamedTuple):
    """One node by its ads. ``heard`` is when its condor_master was heard of, by the collector's clock."""

    node: str
    role: Role
    heard: float
    daemons: tuple[Daemon, ...]
    verdict: Verdict


def view_nodes(ads: Iterable[Ad], now: float, intervals: Intervals) -> dict[str, NodeView]:
    """Every node whose condor_master the collector knows, by name."""
    by_node: dict[str, list[Ad]] = {}
    for ad in ads:
        by_node.setdefault(node_of_machine(str(ad.get("Machine"))), []).append(ad)
    views = (_view(node, found, now, intervals) for node, found in by_node.items())
    return {view.node: view for view in views if view}


def _view(node: str, ads: Sequence[Ad], now: float, intervals: Intervals) -> NodeView | None:
    master = next(iter(of_type(ads, "DaemonMaster")), None)
    if master is None:
        return None
    heard = number(master, "LastHeardFrom") or now
    daemons = tuple(_daemons(master, heard))
    names = {daemon.name for daemon in daemons}
    role = next((role for role in Role if WORKER[role] in names), None)
    if role is None:
        return None
    findings = list(judge_heard("this node", now - heard, intervals.update_s))
    if not findings:
        findings = [*_judge_down(daemons), *_JUDGES[role](ads, daemons, now, intervals)]
    return NodeView(node, role, heard, daemons, conclude(findings))


def of_type(ads: Iterable[Ad], *types: str) -> list[Ad]:
    """The ads of some types. Slots are ``Machine`` before HTCondor 24 and ``Slot`` since."""
    return [ad for ad in ads if ad.get("MyType") in types]


def slots_of(ads: Iterable[Ad]) -> list[Ad]:
    """The ads of slots."""
    return of_type(ads, "Machine", "Slot")


def _daemons(master: Ad, heard: float) -> Iterator[Daemon]:
    for attribute in HEALTH_PROJECTION:
        started = number(master, attribute) if attribute.endswith(_START_TIME) else None
        if started is not None:
            down = None if started else heard
            yield Daemon(attribute.removesuffix(_START_TIME), 0, started, down)


def _judge_down(daemons: Iterable[Daemon]) -> Iterator[Finding]:
    for daemon in daemons:
        if not daemon.up:
            yield degraded(f"the {daemon.name} is down until condor_master starts it again")


def _judge_master(
    ads: Sequence[Ad], _daemons: Sequence[Daemon], now: float, intervals: Intervals
) -> Iterator[Finding]:
    yield from judge_negotiator(of_type(ads, "Negotiator"), now, intervals.negotiator_s)


def _judge_submit(
    ads: Sequence[Ad], daemons: Sequence[Daemon], now: float, intervals: Intervals
) -> Iterator[Finding]:
    yield from _judge_worker("SCHEDD", of_type(ads, "Scheduler"), daemons, now, intervals)


def _judge_execute(
    ads: Sequence[Ad], daemons: Sequence[Daemon], now: float, intervals: Intervals
) -> Iterator[Finding]:
    slots = slots_of(ads)
    findings = list(_judge_worker("STARTD", slots, daemons, now, intervals))
    yield from findings or judge_slots(slots)


_JUDGES = {
    Role.MASTER: _judge_master,
    Role.SUBMIT: _judge_submit,
    Role.EXECUTE: _judge_execute,
}


def _judge_worker(
    name: str, ads: Sequence[Ad], daemons: Sequence[Daemon], now: float, intervals: Intervals
) -> Iterator[Finding]:
    """The daemon that does the role's work has to have told the collector, in its present life."""
    started = next((daemon.started for daemon in daemons if daemon.name == name), 0.0)
    if not started:
        return  # it is down, which is told already
    if not ads:
        yield unhealthy(f"the collector does not know its {name}")
        return
    if (number(ads[0], "DaemonStartTime") or started) < started - _CLOCK_SLACK_S:
        yield degraded(f"the {name} was started again and is not in the collector yet")
        return
    heard = max((number(ad, "LastHeardFrom") or now) for ad in ads)
    yield from judge_heard(f"its {name}", now - heard, intervals.update_s)
