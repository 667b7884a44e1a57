"""Taking executors away without killing a job: they finish what they run and take nothing new."""

from __future__ import annotations

from collections.abc import Sequence

from roost import contract
from roost.engines.protocol import Container, ContainerState, Engine
from roost.events import Reporter, step
from roost.plan.model import PoolPlan
from roost.pool.nodes import ask_node
from roost.pool.threads import each, engine_threads


def remove_executors(
    engine: Engine, plan: PoolPlan, executors: Sequence[Container], report: Reporter
) -> None:
    """Drain and remove executors, all at once. Waits as long as their jobs run."""
    if not executors:
        return
    names = ", ".join(container.labels[contract.LABEL_NODE] for container in executors)
    with step(report, "drain", names), engine_threads() as threads:
        each(threads, lambda container: _remove(engine, plan, container), executors)


def _remove(engine: Engine, plan: PoolPlan, container: Container) -> None:
    if container.state is ContainerState.RUNNING:
        ask_node(engine, container.name, ["drain"])
        engine.stop(container.name)
    engine.remove_container(container.name)
    labels = {
        contract.LABEL_POOL: plan.pool,
        contract.LABEL_NODE: container.labels[contract.LABEL_NODE],
    }
    for volume in engine.list_volumes(labels):
        engine.remove_volume(volume.name)
