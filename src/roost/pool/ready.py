"""Readiness: what the collector holds, asked from inside the master."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from roost import contract
from roost.commandline import command_line
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import EngineError, NotFoundError, RoostError, WaitTimeoutError
from roost.events import Event, Phase, Reporter, step
from roost.plan.model import NodePlan, PoolPlan
from roost.pool.logs.lastwords import last_words
from roost.pool.nodes import node_json_lines

_ROUND_S = 5.0
"""How long one look from inside the master lasts before the containers are looked at again."""
_PAUSE_S = 1.0
_ENDED = (ContainerState.EXITED, ContainerState.RESTARTING, ContainerState.DEAD)


def wait_ready(engine: Engine, plan: PoolPlan, report: Reporter, *, timeout_s: float) -> None:
    """Return once the collector knows every node of the plan in its role.

    Fails early, with the last lines of its log, when a node's container has ended. Raises
    :class:`WaitTimeoutError` that names the nodes which are missing.
    """
    missing = [node.name for node in plan.nodes]
    rounds = max(1, round(timeout_s / _ROUND_S))
    with step(report, "ready") as tell:
        for _ in range(rounds):
            missing = _look_for_a_while(engine, plan, report, missing)
            if not missing:
                tell(f"{len(plan.nodes)} nodes in the collector")
                return
            _raise_for_ended(engine, plan)
        raise _not_ready(engine, plan, missing, timeout_s)


@contextmanager
def told_by_log(engine: Engine, plan: PoolPlan, node: NodePlan) -> Iterator[None]:
    """Have what fails because the node's container ended say why that ended."""
    try:
        yield
    except RoostError:
        container = engine.find_container(node.container.name)
        if container and container.state in _ENDED:
            raise _ended(engine, plan, node) from None
        raise


def _look_for_a_while(
    engine: Engine, plan: PoolPlan, report: Reporter, missing: list[str]
) -> list[str]:
    """What is missing: nodes that the collector does not know, or a submit node that is not ready
    for jobs. Both are asked at once."""
    with ThreadPoolExecutor(1) as thread:
        settled = thread.submit(_submit_settled, engine, plan)
        # A node that ends meanwhile is told by its container, not by the failure of the question.
        try:
            missing = _watch(engine, plan, report, missing)
        except (EngineError, NotFoundError):
            time.sleep(_PAUSE_S)  # a failure takes no time, and the rounds are counted
        if not missing and not settled.result():
            missing = [plan.submit.name]
    return missing


def _submit_settled(engine: Engine, plan: PoolPlan) -> bool:
    argv = [contract.NODE_PROGRAM, "await-settled", f"{_ROUND_S:g}"]
    with suppress(EngineError, NotFoundError):
        return engine.exec(plan.submit.container.name, argv).exit_code == 0
    return False


def _watch(engine: Engine, plan: PoolPlan, report: Reporter, missing: list[str]) -> list[str]:
    """The nodes that are missing once all are there, or after a while."""
    wanted = [f"{node.role}:{node.name}" for node in plan.nodes]
    for seen in node_json_lines(
        engine, plan.master.container.name, ["watch", f"{_ROUND_S:g}", *wanted]
    ):
        missing = seen["missing"]
        detail = f"{len(seen['ready'])} of {len(wanted)}"
        report(Event(Phase.PROGRESS, "ready", detail, len(seen["ready"]) / len(wanted)))
    return missing


def _raise_for_ended(engine: Engine, plan: PoolPlan) -> None:
    """A container that ended by itself will not get ready by waiting."""
    containers: dict[str, Container] = {
        container.name: container
        for container in engine.list_containers({contract.LABEL_POOL: plan.pool})
    }
    for node in plan.nodes:
        container = containers.get(node.container.name)
        if container is None:
            raise other_command(plan.pool, f"container {node.container.name} was removed")
        if container.state in _ENDED:
            raise _ended(engine, plan, node)


def other_command(pool: str, what: str) -> RoostError:
    """What another command did to the pool while it came up."""
    return RoostError(
        f"{what} while the pool came up",
        hint=f"another command works on this pool; run `{command_line('up', pool)}` again",
    )


def _ended(engine: Engine, plan: PoolPlan, node: NodePlan) -> RoostError:
    return RoostError(
        f"node {node.name} ended instead of getting ready:\n"
        + last_words(engine, node.container.name),
        hint=f"`{command_line(f'logs {node.name}', plan.pool)}` shows all of its log",
    )


def _not_ready(engine: Engine, plan: PoolPlan, missing: list[str], timeout_s: float) -> RoostError:
    container = next(node.container.name for node in plan.nodes if node.name == missing[0])
    return WaitTimeoutError(
        f"pool {plan.pool} is not ready after {timeout_s:g} s: "
        f"its collector does not know {json.dumps(missing)[1:-1]}",
        hint=f"see why: {command_line(f'logs {missing[0]}', plan.pool)}",
        last_seen=last_words(engine, container),
    )
