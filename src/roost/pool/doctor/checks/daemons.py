"""HTCondor's daemons: those that have to run do, and answer."""

from __future__ import annotations

from collections.abc import Iterator

from roost import contract
from roost.contract import HealthState, Role
from roost.nodefacts import Daemon, NodeFacts, Reach
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.facts import Facts, NodeSeen
from roost.pool.doctor.finding import Finding
from roost.pool.doctor.words import duration

YOUNG_S = 20.0
"""A daemon of this age, that ended before, may end again."""
MANY_EXITS = 2
CYCLE_S = 180.0
"""Without a negotiation cycle for so long, nothing is matched any more: one comes every five seconds, and
the longest of big pools take a minute."""


def check_daemons(facts: Facts) -> Iterator[Finding]:
    """Every daemon of a node that has booted is alive, and has not just ended."""
    for node, told in facts.answering:
        for daemon in told.daemons if told.booted and not told.config.error else ():
            if daemon.exits >= MANY_EXITS and (not daemon.alive or (daemon.age_s or 0) < YOUNG_S):
                yield _restarting(facts, node, daemon)
            elif not daemon.alive and told.uptime_s > YOUNG_S:
                yield _down(facts, node, daemon)


def _restarting(facts: Facts, node: NodeSeen, daemon: Daemon) -> Finding:
    restart = facts.inside(node.name, f"condor_restart -daemon {daemon.name.lower()}")
    return Finding(
        Cause.DAEMON_RESTARTING,
        seen=f"{daemon.name} has ended {daemon.exits} times{_ending(daemon)}",
        mend=f"mend what it says, then {restart}",
        nodes=(node.name,),
    )


def _down(facts: Facts, node: NodeSeen, daemon: Daemon) -> Finding:
    return Finding(
        Cause.DAEMON_DOWN,
        seen=f"{daemon.name} does not run{_ending(daemon)}",
        mend=facts.inside(node.name, f"condor_on -daemon {daemon.name.lower()}"),
        nodes=(node.name,),
    )


def _ending(daemon: Daemon) -> str:
    how = f"; it {daemon.last_exit}" if daemon.last_exit else ""
    return how + (f"; the last error in its log: {daemon.last_error}" if daemon.last_error else "")


def check_answers(facts: Facts) -> Iterator[Finding]:
    """Collector, negotiator and schedd answer, where their processes are there."""
    for node, told in facts.answering:
        alive = {name for name, daemon in node.daemons.items() if daemon.alive and told.booted}
        if node.role is Role.MASTER and facts.collector:
            if "COLLECTOR" in alive and facts.collector.error:
                yield _silent(facts, node, Cause.COLLECTOR_SILENT, facts.collector.error)
            elif "NEGOTIATOR" in alive and (said := _negotiator_trouble(facts)):
                yield _silent(facts, node, Cause.NEGOTIATOR_STUCK, said)
        if node.role is Role.SUBMIT and facts.queue:
            if facts.queue.error and "SCHEDD" in alive:
                yield Finding(
                    Cause.SCHEDD_SILENT,
                    seen=facts.queue.error,
                    mend=f"see {facts.inside(node.name, f'tail {contract.LOG_DIR}/SchedLog')}",
                    nodes=(node.name,),
                )
            elif facts.queue.slots_error and _gets_through(facts, told):
                seen = f"{node.name} could not ask it for the slots: {facts.queue.slots_error}"
                yield _silent(facts, node, Cause.COLLECTOR_SILENT, seen)


def _gets_through(facts: Facts, told: NodeFacts) -> bool:
    """Whether nothing else is known that keeps the collector's answers from a node."""
    silent = facts.collector and facts.collector.error
    road = told.road
    way = road is not None and road.reach is Reach.CONNECTED and not road.refusal
    return facts.collector_lives and not silent and way


def _negotiator_trouble(facts: Facts) -> str:
    assert facts.collector
    cycle_s = facts.collector.cycle_s
    if facts.collector.negotiator_error:
        return facts.collector.negotiator_error
    return f"its last cycle was {duration(cycle_s)} ago" if cycle_s and cycle_s > CYCLE_S else ""


def _silent(facts: Facts, node: NodeSeen, cause: Cause, seen: str) -> Finding:
    daemon = "collector" if cause is Cause.COLLECTOR_SILENT else "negotiator"
    restart = facts.inside("master", f"condor_restart -fast -daemon {daemon}")
    return Finding(cause, seen=seen, mend=restart, nodes=(node.name,))


def check_health(facts: Facts) -> Iterator[Finding]:
    """What nodes say of themselves."""
    for node, told in facts.answering:
        if told.health in (HealthState.DEGRADED, HealthState.UNHEALTHY):
            yield Finding(
                Cause.NODE_UNWELL,
                seen=f"{told.health}: {'; '.join(told.health_reasons) or 'it gives no reason'}",
                mend=f"see {facts.roost(f'logs {node.name}')}",
                nodes=(node.name,),
            )
