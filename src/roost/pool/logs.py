"""``logs``: what the nodes of a pool write to their output, merged in time order."""

from __future__ import annotations

import heapq
import queue
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from roost import contract
from roost.engines.protocol import Container, Engine
from roost.errors import NotFoundError
from roost.pool.nodes import get_pool


@dataclass(frozen=True, order=True)
class LogLine:
    """One line of one node. ``time`` is RFC 3339 in UTC, by the engine's clock."""

    time: str
    node: str
    text: str


def read_logs(
    engine: Engine, pool: str, node: str | None, *, follow: bool, tail: int | None
) -> Iterator[LogLine]:
    """The lines of all nodes or of one, oldest first; with ``follow`` then those to come, as they
    come. ``tail`` is the number of last lines of each node. Raises NotFoundError."""
    containers = _choose(get_pool(engine, pool), pool, node)
    if follow:
        return _follow(engine, containers, tail)
    return heapq.merge(*(_lines(engine, container, tail) for container in containers))


def _choose(containers: list[Container], pool: str, node: str | None) -> list[Container]:
    if node is None:
        return containers
    chosen = [c for c in containers if node in (_node(c), c.name)]
    if not chosen:
        names = ", ".join(_node(container) for container in containers)
        raise NotFoundError(f"pool {pool} has no node {node!r}", hint=f"it has {names}")
    return chosen


def _node(container: Container) -> str:
    return container.labels.get(contract.LABEL_NODE, container.name)


def _lines(
    engine: Engine, container: Container, tail: int | None, *, follow: bool = False
) -> Iterator[LogLine]:
    with closing(engine.logs(container.name, follow=follow, tail=tail)) as lines:
        for line in lines:
            time, _, text = line.decode(errors="replace").partition(" ")
            yield LogLine(time, _node(container), text)


def _follow(engine: Engine, containers: list[Container], tail: int | None) -> Iterator[LogLine]:
    """One reader a node; a node that ends is silent, and the rest go on."""
    arrived: queue.Queue[LogLine | None] = queue.Queue(maxsize=1000)

    def read(container: Container) -> None:
        try:
            for line in _lines(engine, container, tail, follow=True):
                arrived.put(line)
        finally:
            arrived.put(None)

    for container in containers:
        threading.Thread(target=read, args=(container,), daemon=True).start()
    reading = len(containers)
    while reading:
        line = arrived.get()
        if line is None:
            reading -= 1
        else:
            yield line
