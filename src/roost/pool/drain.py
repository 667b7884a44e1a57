"""Taking executors away without killing a job: they finish what they run and take nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

from roost import contract
from roost.engines.protocol import Container, ContainerState, Engine
from roost.events import Reporter, step
from roost.plan.model import PoolPlan
from roost.pool.nodes import ask_node
from roost.pool.threads import each, engine_threads


def remove_executors(
    engine: Engine, plan: PoolPlan, executors: Sequence[Container], report: Reporter
) -> None:
    """Drain and remove executors, all at once. Waits as long as their jobs run.

    Those that drain at Ctrl-C stay, and take jobs again.
    """
    if not executors:
        return
    names = ", ".join(container.labels[contract.LABEL_NODE] for container in executors)
    given_up = Event()
    with step(report, "drain", names), engine_threads(patient=False) as threads:
        try:
            each(threads, lambda one: _remove(engine, plan, one, given_up), executors)
        except KeyboardInterrupt:
            given_up.set()
            raise


def _remove(engine: Engine, plan: PoolPlan, container: Container, given_up: Event) -> None:
    if container.state is ContainerState.RUNNING:
        ask_node(engine, container.name, ["drain"])
        if given_up.is_set():
            return
        engine.stop(container.name)
    engine.remove_container(container.name)
    labels = {
        contract.LABEL_POOL: plan.pool,
        contract.LABEL_NODE: container.labels[contract.LABEL_NODE],
    }
    for volume in engine.list_volumes(labels):
        engine.remove_volume(volume.name)
