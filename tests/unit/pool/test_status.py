"""The life of a node as a table over observed facts."""

from __future__ import annotations

import pytest

from roost.contract import Role
from roost.engines.protocol import ContainerState
from roost.pool.status import NodeState, NodeStatus, PoolStatus, node_state

TABLE = {
    (ContainerState.CREATED, False): NodeState.STOPPED,
    (ContainerState.CREATED, True): NodeState.STOPPED,
    (ContainerState.RUNNING, False): NodeState.STARTING,
    (ContainerState.RUNNING, True): NodeState.READY,
    (ContainerState.PAUSED, False): NodeState.PAUSED,
    (ContainerState.PAUSED, True): NodeState.PAUSED,
    (ContainerState.RESTARTING, False): NodeState.RESTARTING,
    (ContainerState.RESTARTING, True): NodeState.RESTARTING,
    (ContainerState.REMOVING, False): NodeState.STOPPED,
    (ContainerState.REMOVING, True): NodeState.STOPPED,
    (ContainerState.EXITED, False): NodeState.STOPPED,
    (ContainerState.EXITED, True): NodeState.STOPPED,
    (ContainerState.DEAD, False): NodeState.STOPPED,
    (ContainerState.DEAD, True): NodeState.STOPPED,
}


@pytest.mark.parametrize("container", list(ContainerState))
@pytest.mark.parametrize("known", [False, True])
def test_every_pair(container: ContainerState, known: bool) -> None:
    assert node_state(container, known=known) is TABLE[container, known]


def status(*nodes: tuple[Role, NodeState]) -> PoolStatus:
    return PoolStatus(
        "lab",
        "fake",
        tuple(NodeStatus(role.value, role, state, None, "host", None) for role, state in nodes),
        {},
        {},
    )


def test_a_pool_is_ready_with_all_its_roles() -> None:
    all_ready = [(role, NodeState.READY) for role in Role]
    assert status(*all_ready).ready
    assert not status(*all_ready[:2]).ready
    assert not status(*all_ready, (Role.EXECUTE, NodeState.STARTING)).ready
    assert not status().ready
