"""``logs``: what the nodes of a pool write to their output, merged in time order."""

from __future__ import annotations

import heapq
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime

from roost import contract
from roost.engines.protocol import Container, Engine
from roost.errors import NotFoundError, RoostError
from roost.pool.nodes import get_pool


@dataclass(frozen=True, order=True)
class LogLine:
    """One line of one node. ``time`` is RFC 3339 in UTC, by the engine's clock."""

    time: str
    node: str
    text: str


def read_logs(
    engine: Engine,
    pool: str,
    node: str | None,
    *,
    follow: bool = False,
    tail: int | None = None,
    since: float | None = None,
) -> Iterator[LogLine]:
    """The lines of all nodes or of one, oldest first; with ``follow`` then those to come, as they
    come. ``tail`` is the number of last lines of each node, ``since`` (seconds of the epoch, in
    whole ones) the time of the first. Raises NotFoundError."""
    containers = _choose(get_pool(engine, pool), pool, node)
    first = None if since is None else int(since)
    past = [_lines(engine, container, tail=tail, since=first) for container in containers]
    if follow:
        return _go_on(engine, containers, heapq.merge(*past))
    return heapq.merge(*past)


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
    engine: Engine,
    container: Container,
    *,
    follow: bool = False,
    tail: int | None = None,
    since: int | None = None,
) -> Iterator[LogLine]:
    with closing(engine.logs(container.name, follow=follow, tail=tail, since=since)) as lines:
        for line in lines:
            stamp, _, text = line.decode(errors="replace").partition(" ")
            yield LogLine(stamp, _node(container), text)


def _go_on(
    engine: Engine, containers: list[Container], past: Iterator[LogLine]
) -> Iterator[LogLine]:
    """What there is, in order; then one reader a node, from the last line of it that was told. A
    node that ends is silent, and the rest go on."""
    told: dict[str, str] = {}
    began = time.time()
    for old in past:
        told[old.node] = old.time
        yield old
    arrived: queue.Queue[LogLine | None] = queue.Queue(maxsize=1000)

    def read(container: Container) -> None:
        last = told.get(_node(container), "")
        try:
            with suppress(RoostError):  # it was removed
                for new in _lines(engine, container, follow=True, since=_second(last, began)):
                    if new.time > last:
                        arrived.put(new)
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


def _second(rfc3339: str, otherwise: float) -> int:
    """The second of the epoch that a time stamp is in."""
    if not rfc3339:
        return int(otherwise)
    return int(datetime.fromisoformat(f"{rfc3339[:19]}+00:00").timestamp())
