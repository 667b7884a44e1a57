"""What the nodes say from now on: also nodes that start again, are made anew or are added."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator

from roost import contract
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import NotFoundError, RoostError
from roost.logline import LogRecord
from roost.pool.logs.container import ContainerLog, Line
from roost.pool.logs.past import Past
from roost.pool.logs.query import LogQuery
from roost.pool.logs.window import Window

LOOK_S = 2.0
"""Between two looks at what containers there are."""
HOLD_S = 0.6
"""How long a record waits for older ones of other files and nodes: a bit more than a forwarder rests."""
_MOST_HELD = 20_000
_MOST_WAITING = 1_000
_STOP_S = 0.2


def follow_logs(engine: Engine, pool: str, query: LogQuery, past: Past) -> Iterator[LogRecord]:
    """The records that come after ``past``, until no container of the pool is left.

    Raises EngineError when the engine breaks off, or holds a log that cannot be read.
    """
    readers = _Readers(engine, {log.container.id: log for log in past.logs})
    window = Window(HOLD_S, _MOST_HELD)
    next_look = 0.0
    try:
        while True:
            now = time.monotonic()
            if now >= next_look:
                next_look = now + LOOK_S
                containers = engine.list_containers({contract.LABEL_POOL: pool})
                readers.look([one for one in containers if query.wants(one)])
                if not containers and not readers.busy:
                    yield from window.rest()
                    return
            pause = min(next_look, window.next_due() or next_look) - now
            if line := readers.next_line(pause):
                record = past.records.take(line)
                if record is not None and query.admits(record):
                    window.add(record, time.monotonic())
            yield from window.due(time.monotonic())
    finally:
        readers.close()


class _Readers:
    """A thread for each container that says something; what they read comes out at one place.

    When the reader is slow, or what it writes to is full, the threads wait, and the lines stay with the
    engine.
    """

    def __init__(self, engine: Engine, logs: dict[str, ContainerLog]) -> None:
        self._engine = engine
        self._logs = logs
        self._reading: dict[str, threading.Thread] = {}
        self._arrived: queue.Queue[Line | RoostError] = queue.Queue(_MOST_WAITING)
        self._closed = False

    @property
    def busy(self) -> bool:
        """Something is being read, or was read and not yet taken."""
        alive = any(thread.is_alive() for thread in self._reading.values())
        return alive or not self._arrived.empty()

    def look(self, containers: list[Container]) -> None:
        """Read every container that nobody reads: from its beginning if it is new, else from where it was
        left. One that has stopped is read once more, for its last words."""
        for container in containers:
            known = container.id in self._logs
            log = self._logs.setdefault(container.id, ContainerLog(self._engine, container))
            thread = self._reading.get(container.id)
            idle = thread is None or not thread.is_alive()
            runs = container.state is ContainerState.RUNNING
            if idle and (runs or not known or thread is None):
                self._reading[container.id] = thread = threading.Thread(
                    target=self._read, args=(log,), daemon=True
                )
                thread.start()

    def next_line(self, timeout_s: float) -> Line | None:
        """The next line, if it comes in time."""
        try:
            got = self._arrived.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            return None
        if isinstance(got, RoostError):
            raise got
        return got

    def close(self) -> None:
        """End all threads."""
        self._closed = True
        for log in self._logs.values():
            log.close()

    def _read(self, log: ContainerLog) -> None:
        try:
            for line in log.following():
                if not self._put(line):
                    return
        except NotFoundError:
            return  # it was removed
        except RoostError as error:
            self._put(error)

    def _put(self, item: Line | RoostError) -> bool:
        """Hand it over; False when nobody takes it any more."""
        while not self._closed:
            try:
                self._arrived.put(item, timeout=_STOP_S)
            except queue.Full:
                continue
            return True
        return False
