"""Order for records that arrive almost in order, with bounded memory and delay."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from roost.logline import LogRecord

MOST_SHOWN = 64 * 1024
"""Characters of one event that are kept; what is beyond is counted."""


@dataclass
class _Held:
    """A record that waits for those that belong before it, and for its further pieces."""

    record: LogRecord
    arrival: float
    length: int
    released: bool = False
    further: list[str] = field(default_factory=list)

    def append(self, piece: str) -> None:
        self.further.append(piece[: max(0, MOST_SHOWN - self.length)])
        self.length += len(piece)

    def whole(self) -> LogRecord:
        """The record with all of its pieces, and with a mark if that is too much."""
        if not self.further and self.length <= MOST_SHOWN:
            return self.record
        text = "".join((self.record.message, *self.further))[:MOST_SHOWN]
        if self.length > MOST_SHOWN:
            text += f" [... {self.length - MOST_SHOWN} more characters]"
        return self.record._replace(message=text)


class Window:
    """Holds records for a while, and lets them go in the order of their own time.

    A node's daemons write a file each, which its forwarder reads in turns: a record can arrive before
    an older one of another file, but by no more than a turn takes. So whatever is to come before a
    record is there once ``span`` (in seconds of whatever ``arrival`` counts) has passed, if a turn takes
    no longer. Only arrivals are compared with each other, so a node whose clock is wrong holds nothing
    up. ``most`` records are held at once: order is worth less than memory.
    """

    def __init__(self, span: float, most: int) -> None:
        self._span = span
        self._most = most
        self._by_time: list[tuple[str, int, _Held]] = []
        self._by_arrival: deque[_Held] = deque()
        self._latest: dict[tuple[str, str], _Held] = {}
        self._count = 0

    def add(self, record: LogRecord, arrival: float) -> None:
        """Take a record, or add a further piece to the event that it belongs to."""
        key = (record.node, record.position.file) if record.position else None
        begun = self._latest.get(key) if key else None
        if begun and record.position and record.position.continues:
            begun.append(record.message)
            return
        self._count += 1
        held = _Held(record, arrival, len(record.message))
        heapq.heappush(self._by_time, (record.time, self._count, held))
        self._by_arrival.append(held)
        if key:
            self._latest[key] = held

    def due(self, now: float) -> Iterator[LogRecord]:
        """Let go what has waited long enough, and all that belongs before it."""
        while first := self._first_arrived():
            if first.arrival > now - self._span and len(self._by_time) <= self._most:
                return
            yield self._release()

    def rest(self) -> Iterator[LogRecord]:
        """Let go everything: nothing comes any more."""
        while self._by_time:
            yield self._release()

    def next_due(self) -> float | None:
        """When something is due; None while nothing is held."""
        first = self._first_arrived()
        return first.arrival + self._span if first else None

    def _first_arrived(self) -> _Held | None:
        while self._by_arrival and self._by_arrival[0].released:
            self._by_arrival.popleft()
        return self._by_arrival[0] if self._by_arrival else None

    def _release(self) -> LogRecord:
        _time, _number, held = heapq.heappop(self._by_time)
        held.released = True
        record = held.record
        if record.position:
            key = (record.node, record.position.file)
            if self._latest.get(key) is held:
                del self._latest[key]
        return held.whole()
