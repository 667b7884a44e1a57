"""The health of nodes: by what the master knows of them, and by what they say of themselves.

The master's knowledge comes with the one question that a status asks anyway, and the engine's HEALTHCHECK,
where it has one, with its list of containers. A node's own file says more of what is wrong with it, but
fetching it costs an engine 45 to 70 ms, so it is fetched where something is wrong, and of a bounded number
of nodes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from roost import contract
from roost.contract import HealthState
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import RoostError
from roost.pool.nodes import read_file

MOST_FILES = 8
"""To fetch for one status."""
_WEIGHT = {
    HealthState.HEALTHY: 0,
    HealthState.STARTING: 1,
    HealthState.DEGRADED: 2,
    HealthState.UNHEALTHY: 3,
}
_STALE_S = 4 * contract.HEALTH_INTERVAL_S


@dataclass(frozen=True)
class NodeHealth:
    """A node's health, and the reasons where it is not healthy."""

    state: HealthState
    reasons: tuple[str, ...] = ()

    @property
    def reason(self) -> str | None:
        """The reasons on one line."""
        return "; ".join(self.reasons) or None

    @classmethod
    def parse(cls, told: Any) -> Self | None:
        """From the JSON that :class:`roost.contract.HealthState` describes; None for anything else."""
        with suppress(KeyError, TypeError, ValueError):
            return cls(HealthState(told["state"]), tuple(map(str, told["reasons"])))
        return None


_CHECK_FAILS = NodeHealth(HealthState.UNHEALTHY, ("its HEALTHCHECK fails",))


def look_at_health(
    engine: Engine, containers: Sequence[Container], seen: Mapping[str, Any]
) -> dict[str, NodeHealth]:
    """The health of running nodes by name, as far as it is known. ``seen`` is what the master told."""
    by_master = {node: NodeHealth.parse(told) for node, told in seen.get("health", {}).items()}
    found = {node: health for node, health in by_master.items() if health}
    running = {
        container.labels.get(contract.LABEL_NODE, container.name): container
        for container in containers
        if container.state is ContainerState.RUNNING
    }
    doubtful = [
        node
        for node in running
        if running[node].unhealthy
        or node not in found
        or found[node].state is not HealthState.HEALTHY
    ][:MOST_FILES]
    if doubtful:
        with ThreadPoolExecutor(len(doubtful)) as threads:
            own = threads.map(lambda node: _own_health(engine, running[node], seen), doubtful)
            for node, health in zip(doubtful, own, strict=True):
                health = health or (_CHECK_FAILS if running[node].unhealthy else None)
                if health:
                    found[node] = worse(health, found.get(node))
    return {node: health for node, health in found.items() if node in running}


def worse(own: NodeHealth, by_master: NodeHealth | None) -> NodeHealth:
    """The worse of two; of equals what the node says itself, which knows more."""
    if by_master and _WEIGHT[by_master.state] > _WEIGHT[own.state]:
        return by_master
    return own


def _own_health(engine: Engine, container: Container, seen: Mapping[str, Any]) -> NodeHealth | None:
    with suppress(RoostError, ValueError):
        told = json.loads(read_file(engine, container.name, contract.HEALTH_FILE) or b"null")
        now = seen.get("now")  # of the engine's host, whose clock need not be ours
        if told and (now is None or now - told["checked"] < _STALE_S):
            return NodeHealth.parse(told)
    return None
