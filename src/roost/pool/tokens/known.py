"""Waiting until the collector knows nodes again, after their sessions were dropped."""

from __future__ import annotations

from collections.abc import Sequence

from roost import contract
from roost.commandline import command_line
from roost.engines.protocol import Container, Engine
from roost.errors import WaitTimeoutError
from roost.plan.names import MASTER_NODE
from roost.pool.nodes import get_node, role_of
from roost.pool.tokens.state import node_name

_TIMEOUT_S = 300
"""A node notices at its next update that its session is gone, and logs in for the one after that:
twice UPDATE_INTERVAL, 40 s. On a machine with far more to do than cores it took more than two minutes."""


def wait_known(engine: Engine, pool: str, containers: Sequence[Container]) -> None:
    """Return once each does its role's work by the collector. Raises WaitTimeoutError."""
    if not containers:
        return
    master = get_node(engine, pool, MASTER_NODE).name
    wanted = [f"{role_of(one)}:{node_name(one)}" for one in containers]
    watch = engine.exec(master, [contract.NODE_PROGRAM, "watch", str(_TIMEOUT_S), *wanted])
    if watch.exit_code:
        last = watch.stdout.decode(errors="replace").strip().splitlines()[-1:]
        raise WaitTimeoutError(
            f"not every node has logged in anew after {_TIMEOUT_S} s",
            hint=f"see why: {command_line('doctor', pool)}",
            last_seen="".join(last),
        )
