"""Taking executors away without killing a job: they finish what they run and take nothing new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """Drain and remove executors, with their volumes."""
    nodes = {container.name: container.labels[contract.LABEL_NODE] for container in executors}

    def remove(name: str) -> None:
        take_away(engine, name)
        labels = {contract.LABEL_POOL: plan.pool, contract.LABEL_NODE: nodes[name]}
        for volume in engine.list_volumes(labels):
            engine.remove_volume(volume.name)

    drain_executors(engine, nodes, remove, report)


def drain_executors(
    engine: Engine, nodes: Mapping[str, str], then: Callable[[str], None], report: Reporter
) -> None:
    """Drain executors, ``nodes`` by the names of their containers, all at once, and do ``then`` with each
    container as soon as it has drained. Waits as long as their jobs run.

    Those that drain at Ctrl-C stay, and take jobs again.
    """
    if not nodes:
        return
    given_up = Event()

    def drain(name: str) -> None:
        _finish_jobs(engine, name, nodes[name])
        if not given_up.is_set():
            then(name)

    with step(report, "drain", ", ".join(nodes.values())), engine_threads(patient=False) as threads:
        try:
            each(threads, drain, nodes)
        except KeyboardInterrupt:
            given_up.set()
            raise


def take_away(engine: Engine, name: str) -> None:
    """Stop a container and remove it; its volumes stay."""
    with suppress(NotFoundError):
        engine.stop(name)
    engine.remove_container(name)


def _finish_jobs(engine: Engine, name: str, node: str) -> None:
    """Looked at now: minutes may have gone since the containers were listed."""
    asked = engine.find_container(name)
    if not _runs(asked):
        return
    try:
        ask_node(engine, name, ["drain"])
    except RoostError as error:
        # One that ended, or that another command took away, has nothing left to finish.
        now = engine.find_container(name)
        if _runs(now) and asked and now and now.id == asked.id:
            raise RoostError(
                f"{node} cannot finish its jobs first: {error}",
                hint=f"`{engine.name} stop {name}` sends them back to the queue; then run the same command"
                " again",
            ) from error


def _runs(container: Container | None) -> bool:
    return container is not None and container.state is ContainerState.RUNNING
