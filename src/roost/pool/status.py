"""``status``: the engine's containers and the collector's ads, seen together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from roost import contract
from roost.contract import HealthState, ReachedBy, Role
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import RoostError
from roost.pool.health import NodeHealth, look_at_health
from roost.pool.nodes import ask_node, get_pool, role_of

_NOTHING_SEEN: dict[str, Any] = {
    "ready": [],
    "versions": {},
    "slots": {"total": 0, "claimed": 0, "unclaimed": 0},
    "jobs": {"idle": 0, "running": 0, "held": 0, "completed": 0},
    "health": {},
    "limits": {},
    "places": {},
}


class NodeState(StrEnum):
    """What a node is, by its container's state and by whether the collector knows it."""

    READY = "ready"
    STARTING = "starting"
    """Its container runs; HTCondor does not know it (yet, or not any more)."""
    RESTARTING = "restarting"
    STOPPED = "stopped"
    PAUSED = "paused"


@dataclass(frozen=True)
class NodeStatus:
    """One node. ``host`` is where it runs, ``version`` HTCondor's; None where unknown.

    ``health`` is whether it does its role's work, where it runs, and ``reason`` why it does not.
    """

    name: str
    role: Role
    state: NodeState
    address: str | None
    host: str | None
    version: str | None
    health: HealthState | None = None
    reason: str | None = None
    limits: Mapping[str, Any] | None = None
    """Of an executor: by what ``memory`` and ``cpus`` of jobs are bounded (``cgroup-v2``, ``cgroup-v1``,
    ``policy``, ``container``, ``none``), and whether each has a ``private_tmp``."""
    reach: ReachedBy | None = None
    """How other nodes reach it; None where the master does not know it."""
    here: bool = True
    """It is a container of this engine. Of any other only what the master knows is known, and nothing can
    be done to it from here."""


@dataclass(frozen=True)
class PoolStatus:
    """A pool at one moment. ``slots`` and ``jobs`` are counts by state."""

    pool: str
    engine: str
    nodes: tuple[NodeStatus, ...]
    slots: dict[str, int]
    jobs: dict[str, int]

    @property
    def ready(self) -> bool:
        """There is a master, a submit node and an executor, and every node does its work."""
        roles = {node.role for node in self.nodes}
        return roles == set(Role) and all(node.state is NodeState.READY for node in self.nodes)

    def to_json(self) -> dict[str, Any]:
        """The status as data for ``json.dumps``; these keys stay."""
        nodes = [
            {
                "name": node.name,
                "role": node.role.value,
                "state": node.state.value,
                "address": node.address,
                "host": node.host,
                "version": node.version,
                "health": node.health.value if node.health else None,
                "reason": node.reason,
                "limits": dict(node.limits) if node.limits else None,
                "reach": node.reach.value if node.reach else None,
                "here": node.here,
            }
            for node in self.nodes
        ]
        return {
            "pool": self.pool,
            "engine": self.engine,
            "ready": self.ready,
            "nodes": nodes,
            "slots": self.slots,
            "jobs": self.jobs,
        }


def look(engine: Engine, pool: str) -> PoolStatus:
    """The status of a pool. Raises NotFoundError that names the pools there are."""
    containers = get_pool(engine, pool)
    with ThreadPoolExecutor(1) as thread:
        info = thread.submit(engine.info)
        seen = _ask_master(engine, containers)
        health = look_at_health(engine, containers, seen)
        host = info.result().host
    nodes = [
        NodeStatus(
            name=name,
            role=role,
            state=node_state(container.state, known=f"{role}:{name}" in seen["ready"]),
            address=container.address,
            host=host,
            version=seen["versions"].get(name),
            health=health[name].state if name in health else None,
            reason=health[name].reason if name in health else None,
            limits=seen.get("limits", {}).get(name),
            reach=_reach_of(seen, name),
        )
        for container in containers
        if (role := role_of(container)) and (name := container.labels.get(contract.LABEL_NODE))
    ]
    nodes += _elsewhere(seen, {node.name for node in nodes})
    order = {role: number for number, role in enumerate(Role)}
    nodes.sort(key=lambda node: (order[node.role], len(node.name), node.name))
    return PoolStatus(pool, engine.name, tuple(nodes), seen["slots"], seen["jobs"])


def _elsewhere(seen: Mapping[str, Any], here: Collection[str]) -> Iterator[NodeStatus]:
    """The nodes of other hosts, by what the master knows."""
    for name, place in seen.get("places", {}).items():
        if name in here or not place["joined"]:
            continue  # one of this engine that was removed is known for some time
        role = Role(place["role"])
        health = NodeHealth.parse(seen.get("health", {}).get(name))
        yield NodeStatus(
            name=name,
            role=role,
            state=NodeState.READY if f"{role}:{name}" in seen["ready"] else NodeState.STARTING,
            address=place["address"],
            host=place["host"],
            version=seen["versions"].get(name),
            health=health.state if health else None,
            reason=health.reason if health else None,
            limits=seen.get("limits", {}).get(name),
            reach=_reach_of(seen, name),
            here=False,
        )


def _reach_of(seen: Mapping[str, Any], node: str) -> ReachedBy | None:
    place = seen.get("places", {}).get(node)
    return ReachedBy(place["reach"]) if place else None


def node_state(container: ContainerState, *, known: bool) -> NodeState:
    """The table of (container state, known to the collector) to node state."""
    match container:
        case ContainerState.RUNNING:
            return NodeState.READY if known else NodeState.STARTING
        case ContainerState.CREATED:
            return NodeState.STOPPED
        case ContainerState.RESTARTING:
            return NodeState.RESTARTING
        case ContainerState.PAUSED:
            return NodeState.PAUSED
        case _:
            return NodeState.STOPPED


def _ask_master(engine: Engine, containers: list[Container]) -> dict[str, Any]:
    for container in containers:
        if role_of(container) is Role.MASTER and container.state is ContainerState.RUNNING:
            try:
                seen: dict[str, Any] = ask_node(engine, container.name, ["observe"])
            except RoostError:
                break  # a master that cannot answer is seen in its node's state
            return seen
    return _NOTHING_SEEN
