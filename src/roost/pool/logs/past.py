"""What the nodes have said so far, merged in time."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress

from roost.engines.protocol import Container, Engine
from roost.errors import NotFoundError
from roost.logline import LogRecord
from roost.pool.logs.container import WHOLE_SECOND, ContainerLog, seconds
from roost.pool.logs.query import LogQuery
from roost.pool.logs.records import Records
from roost.pool.logs.window import Window

_SPAN_S = 10.0
"""How far apart in arrival two lines of a node may be that have to change places. A forwarder's turn is
a fraction of a second; after a restart it has a few seconds to make up for."""
_MOST_HELD = 50_000
_LEAST_HELD = 1_000
"""Records that wait for their place: of all nodes together, and of one node among very many."""
_FIRST_TAIL = 500
_GROWTH = 8


class Past:
    """One reading of the logs of some containers; the records are held for no longer than it takes to
    order them."""

    def __init__(self, engine: Engine, containers: Sequence[Container], query: LogQuery) -> None:
        self.logs = [ContainerLog(engine, container) for container in containers]
        self.records = Records()
        self.saw_job = False
        self._query = query
        self._most_held = max(_LEAST_HELD, _MOST_HELD // len(self.logs))

    def merged(self, tail: int | None = None) -> Iterator[LogRecord]:
        """The records that are asked for, oldest first, of all lines or of the last ``tail`` of each
        container."""
        nodes = [self._of_node(log, tail) for log in self.logs]
        return heapq.merge(*nodes, key=lambda record: record.time)

    def _of_node(self, log: ContainerLog, tail: int | None) -> Iterator[LogRecord]:
        window = Window(_SPAN_S, self._most_held)
        # Nothing is told before it happens, so what arrived earlier is of an earlier time.
        since = None if self._query.since is None else int(self._query.since)
        with suppress(NotFoundError):  # it was removed meanwhile
            for line in log.lines(tail=tail, since=since):
                record = self.records.take(line)
                if record is None:
                    continue
                self.saw_job = self.saw_job or self._query.is_of_job(record)
                if self._query.admits(record):
                    arrival = seconds(line.stamp)
                    window.add(record, arrival)
                    yield from window.due(arrival)
        yield from window.rest()


def last_records(
    engine: Engine, containers: Sequence[Container], query: LogQuery, number: int
) -> tuple[Past, list[LogRecord]]:
    """The last records that are asked for, and the reading that found them.

    Only the ends of the logs are read, further and further back until they hold enough: logs are long,
    and the last lines are what is asked for most. Of a node whose log was not read to its beginning,
    what happened after its first line arrived is known in full; before that, there may be more.
    """
    tail = max(_FIRST_TAIL, number)
    while True:
        past = Past(engine, containers, query)
        found = deque(past.merged(tail), maxlen=number)
        cut = [log for log in past.logs if log.count >= tail]
        complete_after = max((_end_of(log.first_stamp) for log in cut), default="")
        if not cut or number == 0 or (len(found) == number and found[0].time > complete_after):
            return past, list(found)
        tail *= _GROWTH


def _end_of(stamp: str) -> str:
    """The last moment that a stamp may mean, as records write it, without the zone."""
    return f"{stamp[:19]}.999" if stamp.endswith(WHOLE_SECOND) else stamp[:23]
