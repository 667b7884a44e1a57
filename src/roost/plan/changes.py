"""What has to change so that the containers that are there become the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Container, ContainerState
from roost.plan.model import NodePlan, PoolPlan
from roost.plan.names import container_name, executor_number


@dataclass(frozen=True)
class Changes:
    """Each planned node is in exactly one of ``create``, ``recreate``, ``start`` and ``keep``."""

    create: tuple[NodePlan, ...] = ()
    """No container yet."""
    recreate: tuple[NodePlan, ...] = ()
    """A container of another plan, or one that cannot run again; the volume stays."""
    start: tuple[NodePlan, ...] = ()
    """The right container, not running. An ``up`` may have been interrupted before it put
    the node's files, so they are put again first."""
    keep: tuple[NodePlan, ...] = ()
    """The right container, running."""
    remove: tuple[Container, ...] = ()
    """Executors beyond the planned number, highest first."""
    busy: tuple[Container, ...] = ()
    """Executors of ``recreate`` that run, and may have jobs."""
    paused: tuple[str, ...] = ()
    """Containers of the nodes to recreate, start and remove that stand still, by name. They have to go on
    first: a paused container answers nothing, and not every engine starts or stops it."""
    foreign: tuple[Container, ...] = ()
    """Containers that carry the pool's label and are no node that a plan makes: left alone."""

    @property
    def nothing_to_do(self) -> bool:
        """The containers are what the plan says."""
        return not (self.create or self.recreate or self.start or self.remove)

    def to_json(self) -> dict[str, object]:
        """Names of the nodes by what happens to them, for ``json.dumps``."""
        return {
            **{
                kind: [node.name for node in getattr(self, kind)]
                for kind in ("create", "recreate", "start", "keep")
            },
            "remove": [container.labels[contract.LABEL_NODE] for container in self.remove],
            "foreign": [container.name for container in self.foreign],
        }


class _Fate(Enum):
    CREATE = "create"
    RECREATE = "recreate"
    START = "start"
    KEEP = "keep"


_FATE_BY_STATE = {
    ContainerState.CREATED: _Fate.START,
    ContainerState.RUNNING: _Fate.KEEP,
    ContainerState.PAUSED: _Fate.START,
    ContainerState.RESTARTING: _Fate.KEEP,
    ContainerState.REMOVING: _Fate.RECREATE,
    ContainerState.EXITED: _Fate.START,
    ContainerState.DEAD: _Fate.RECREATE,
}
"""What becomes of a container of today's plan."""


def diff(plan: PoolPlan, observed: Iterable[Container]) -> Changes:
    """Compare the plan with the containers that carry the pool's label."""
    found = {container.name: container for container in observed}
    paused = {name for name, one in found.items() if one.state is ContainerState.PAUSED}
    by_fate: dict[_Fate, list[NodePlan]] = {fate: [] for fate in _Fate}
    busy: list[Container] = []
    for node in plan.nodes:
        container = found.pop(node.container.name, None)
        by_fate[_fate(node, container)].append(node)
        if container and node.role is Role.EXECUTE and _runs_outdated(node, container):
            busy.append(container)
    surplus = [container for container in found.values() if _is_executor(plan.pool, container)]
    foreign = tuple(sorted((c for c in found.values() if c not in surplus), key=_name))
    return Changes(
        **{fate.value: tuple(nodes) for fate, nodes in by_fate.items()},
        remove=tuple(sorted(surplus, key=_number, reverse=True)),
        paused=tuple(sorted(paused - {container.name for container in foreign})),
        busy=tuple(busy),
        foreign=foreign,
    )


def is_outdated(node: NodePlan, container: Container) -> bool:
    """Whether it was made of another plan."""
    return container.labels.get(contract.LABEL_DIGEST) != node.digest


def _runs_outdated(node: NodePlan, container: Container) -> bool:
    return container.state is ContainerState.RUNNING and is_outdated(node, container)


def _fate(node: NodePlan, container: Container | None) -> _Fate:
    if container is None:
        return _Fate.CREATE
    if is_outdated(node, container):
        return _Fate.RECREATE
    return _FATE_BY_STATE[container.state]


def _is_executor(pool: str, container: Container) -> bool:
    node = container.labels.get(contract.LABEL_NODE, "")
    return executor_number(node) is not None and container.name == container_name(pool, node)


def _number(container: Container) -> int:
    number = executor_number(container.labels[contract.LABEL_NODE])
    assert number is not None
    return number


def _name(container: Container) -> str:
    return container.name
