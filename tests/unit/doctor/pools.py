"""A healthy pool as facts, and ways to make it ill."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Capabilities, Container, ContainerState, EngineInfo
from roost.nodefacts import (
    Ad,
    Clause,
    Daemon,
    DisconnectedJobs,
    Disk,
    HeldJobs,
    IdleJobs,
    JobFacts,
    Limit,
    LimitKind,
    NodeFacts,
    PoolFacts,
    Reach,
    Road,
    Token,
    TokenState,
)
from roost.plan.names import node_labels
from roost.pool.doctor.facts import Facts, NodeSeen

NOW = 1_800_000_000.0
GB = 1024**3
NODES = {
    "master": Role.MASTER,
    "submit": Role.SUBMIT,
    "execute-1": Role.EXECUTE,
    "execute-2": Role.EXECUTE,
}
DAEMONS = {
    Role.MASTER: ("COLLECTOR", "NEGOTIATOR", "SHARED_PORT"),
    Role.SUBMIT: ("SCHEDD", "SHARED_PORT"),
    Role.EXECUTE: ("STARTD", "SHARED_PORT"),
}
KINDS = {Role.MASTER: "Negotiator", Role.SUBMIT: "Scheduler", Role.EXECUTE: "Machine"}
DISK = Disk(contract.STATE_DIR, 7, 80 * GB, 200 * GB, 10**6, 10**7)


def container(node: str) -> Container:
    labels = node_labels("lab", node, NODES[node])
    return Container("id", f"lab-{node}", "i", ContainerState.RUNNING, labels, "172.20.0.2")


def told(node: str, role: Role) -> NodeFacts:
    is_master = role is Role.MASTER
    return NodeFacts(
        node=node,
        role=role,
        pool="lab",
        clock=NOW - 0.5,
        uptime_s=3600.0,
        booted=True,
        disks=(DISK,),
        limits=(Limit(LimitKind.PROCESSES, "the node", 12, 1024),),
        token=None if is_master else token(role),
        road=None if is_master else Road("lab-master:9618", Reach.CONNECTED),
        daemons=tuple(Daemon(name, alive=True, age_s=3599.0) for name in DAEMONS[role]),
        keys=("key-1",) if is_master else (),
        health="healthy",
    )


def token(role: Role, **changes: Any) -> Token:
    allows = contract.ROLE_AUTHORIZATIONS[role]
    good = Token(TokenState.READABLE, "", "key-1", "lab.pool", "x", NOW + 9e6, allows)
    return replace(good, **changes)


def ad(node: str, role: Role, **changes: Any) -> Ad:
    machine = contract.node_hostname(node, "lab")
    name = f"slot1@{machine}" if role is Role.EXECUTE else machine
    starts = True if role is Role.EXECUTE else None
    good = Ad(KINDS[role], name, machine, "23.9.6", "<172.20.0.2:9618", 5.0, starts=starts)
    return replace(good, **changes)


def healthy() -> Facts:
    return Facts(
        pool="lab",
        engine=EngineInfo("docker", "20.10", "host", "/var/lib/docker", 80 * GB, Capabilities()),
        nodes=tuple(
            NodeSeen(
                node, role, container(node), facts=told(node, role), asked=NOW - 1, answered=NOW
            )
            for node, role in NODES.items()
        ),
        now=NOW,
        collector=PoolFacts(tuple(ad(node, role) for node, role in NODES.items()), cycle_s=1.0),
        queue=JobFacts(running=1),
    )


def with_node(before: Facts, name: str, /, **changes: Any) -> Facts:
    """With a node that is seen otherwise; what is no part of :class:`NodeSeen` is said by the node."""
    nodes = []
    for node in before.nodes:
        changed = node
        if node.name == name:
            seen = {key: value for key, value in changes.items() if key in vars(node)}
            said = {key: value for key, value in changes.items() if key not in vars(node)}
            changed = replace(node, **seen)
            if said and changed.facts:
                changed = replace(changed, facts=replace(changed.facts, **said))
        nodes.append(changed)
    return replace(before, nodes=tuple(nodes))


def with_container(facts: Facts, name: str, *log: str, **changes: Any) -> Facts:
    """With a container that does not answer."""
    shown = replace(container(name), **changes)
    return with_node(facts, name, container=shown, facts=None, log=log)


def with_daemon(facts: Facts, node: str, name: str, **changes: Any) -> Facts:
    (seen,) = (one for one in facts.nodes if one.name == node)
    assert seen.facts
    daemons = tuple(
        replace(one, **changes) if one.name == name else one for one in seen.facts.daemons
    )
    return with_node(facts, node, daemons=daemons)


def with_ads(facts: Facts, *ads: Ad, without: str | None = None, **changes: Any) -> Facts:
    assert facts.collector
    kept = tuple(one for one in facts.collector.ads if without is None or without not in one.name)
    return replace(facts, collector=replace(facts.collector, ads=(*kept, *ads), **changes))


def with_queue(facts: Facts, **changes: Any) -> Facts:
    assert facts.queue
    return replace(facts, queue=replace(facts.queue, **changes))


def waiting(**changes: Any) -> IdleJobs:
    """A job that slots would fit, and that has waited for long."""
    usual = IdleJobs(("4.0",), 1, "ann", 600.0, slots=2, fits=2, accepts=2, free=1)
    return replace(usual, **changes)


def disconnected(**changes: Any) -> DisconnectedJobs:
    good = DisconnectedJobs(("4.0",), 1, "execute-1.lab.pool", silent_s=180.0, left_s=2220.0)
    return replace(good, **changes)


def held(**changes: Any) -> HeldJobs:
    return replace(HeldJobs(("3.0",), 1, 13, "no such file"), **changes)


MEMORY = Clause(
    "TARGET.Memory >= RequestMemory", 0, (("RequestMemory", "9000"),), (("Memory", "2048"),)
)
