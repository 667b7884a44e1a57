"""Waiting until the collector knows nodes again, after their sessions were dropped."""

from __future__ import annotations

from collections.abc import Sequence

from roost import contract
from roost.commandline import command_line
from roost.engines.protocol import Container, Engine
from roost.errors import WaitTimeoutError
from roost.plan.names import MASTER_NODE
from roost.pool.nodes import get_node, get_pool, role_of
from roost.pool.tokens.state import node_name, running

_TIMEOUT_S = 300
"""A node notices at its next update that its session is gone, and logs in for the one after that:
twice UPDATE_INTERVAL, 40 s. On a machine with far more to do than cores it took more than two minutes."""
_ROUND_S = 10
"""How long one look lasts before it is seen whether the nodes still run."""


def wait_known(engine: Engine, pool: str, containers: Sequence[Container]) -> None:
    """Return once each does its role's work by the collector, or does not run any more. Raises
    WaitTimeoutError."""
    master = get_node(engine, pool, MASTER_NODE).name
    ids = {one.id for one in containers}
    last: list[str] = []
    for _ in range(_TIMEOUT_S // _ROUND_S):
        left = [one for one in running(get_pool(engine, pool)) if one.id in ids]
        wanted = [f"{role_of(one)}:{node_name(one)}" for one in left]
        if not wanted:
            return
        watch = engine.exec(master, [contract.NODE_PROGRAM, "watch", str(_ROUND_S), *wanted])
        if not watch.exit_code:
            return
        last = watch.stdout.decode(errors="replace").strip().splitlines()[-1:]
    raise WaitTimeoutError(
        f"not every node has logged in anew after {_TIMEOUT_S} s",
        hint=f"see why: {command_line('doctor', pool)}",
        last_seen="".join(last),
    )
