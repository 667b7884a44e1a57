"""Taking executors away without killing a job: they finish what they run and take nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Event

from roost import contract
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import NotFoundError, RoostError
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
    name = container.name
    if _runs(engine, name):
        try:
            ask_node(engine, name, ["drain"])
        except RoostError:
            # One that ended, or that another command took away, has nothing left to finish.
            if _runs(engine, name):
                raise
        if given_up.is_set():
            return
        with suppress(NotFoundError):
            engine.stop(name)
    engine.remove_container(name)
    labels = {
        contract.LABEL_POOL: plan.pool,
        contract.LABEL_NODE: container.labels[contract.LABEL_NODE],
    }
    for volume in engine.list_volumes(labels):
        engine.remove_volume(volume.name)


def _runs(engine: Engine, name: str) -> bool:
    """Now: minutes may have gone since the containers were listed."""
    container = engine.find_container(name)
    return container is not None and container.state is ContainerState.RUNNING
