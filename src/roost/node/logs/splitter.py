"""Bytes of a log cut into events, the same way however they arrive, and in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

from roost.node.logs.files import Shape

MAX_EVENT_BYTES = 64 * 1024
"""A longer event is told in pieces, before its end is known."""
_CUT_BYTES = 16 * 1024
"""How far from the end of a piece a place is looked for that parts no word, and so no secret."""

_HEADER = re.compile(
    rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|\d\d/\d\d/\d\d \d\d:\d\d:\d\d)(?:\.\d{3})? "
)
# What daemon_core_main.cpp prints at the start of every daemon, each line with a header of its own.
_BANNER = re.compile(
    _HEADER.pattern + rb"(?:\(pid:(\d+)\) )?(?:\(D_ALWAYS\) )?"
    rb"(\*{20,}\n|\*\* |Using config source: |Using local config sources: |   /"
    rb"|config Macros = |CLASSAD_CACHING is |Daemon Log is logging: )"
)
_PATIENCE = 25
"""Looks without news before what is plainly unfinished is told as it is."""
_END_OF_JOB_EVENT = b"...\n"
_KEY = b"-----BEGIN"


class RawEvent(NamedTuple):
    """The bytes of an event, or of a piece of one, that begin at ``offset``."""

    offset: int
    data: bytes
    continues: bool = False
    """Further bytes of the event before it."""


class Splitter:
    """Cuts the bytes of one file into events.

    It depends on the bytes alone where it cuts: whoever begins again at the start of an event gets the
    same events. Only :meth:`settle` depends on time.
    """

    def __init__(self, shape: Shape, offset: int) -> None:
        self._shape = shape
        self._buffer = b""
        self._offset = offset  # of the buffer's first byte
        self._lines = 0  # so much of the buffer is whole lines
        self._banner: bytes | None = None  # the pid that is writing one
        self._cut = False  # the buffer goes on with an event of which a piece was told
        self._idle = 0
        self.safe = offset
        """Start of the first event that was not told whole: where to begin again."""

    @property
    def end(self) -> int:
        """The offset up to which it was fed."""
        return self._offset + len(self._buffer)

    def feed(self, data: bytes) -> Iterator[RawEvent]:
        """The events that are known to be whole with ``data``, and pieces of long ones."""
        self._idle = 0
        buffer = self._buffer + data
        at = self._lines
        start = 0
        while end := buffer.find(b"\n", at) + 1:
            line = buffer[at:end]
            if self._begins(line) and at > start:
                yield self._event(buffer, start, at)
                start = at
            at = end
            if self._ends(line):
                yield self._event(buffer, start, at)
                start = at
            while at - start > MAX_EVENT_BYTES:
                start = yield from self._piece(buffer, start)
        if len(buffer) - at > MAX_EVENT_BYTES:  # a line without an end
            if self._begins(buffer[at:]) and at > start:
                yield self._event(buffer, start, at)
                start = at
            while len(buffer) - start > MAX_EVENT_BYTES:
                start = yield from self._piece(buffer, start)
        self._lines = max(at - start, 0)
        self._buffer = buffer[start:]
        self._offset += start

    def settle(self) -> Iterator[RawEvent]:
        """The last event, when nobody is still writing it.

        The daemon writes an event at once, but what another process sees of it may come in two. A
        banner is written line by line, and always goes on; a job's event says where it ends.
        """
        self._idle += 1
        unfinished = self._banner is not None or self._shape is Shape.JOBS
        rest = self._buffer[self._lines :]
        if not self._lines or self._idle <= (_PATIENCE if unfinished else 0):
            return
        if not rest or self._begins(rest):
            yield self._event(self._buffer, 0, self._lines)
            self._buffer, self._offset, self._lines = rest, self._offset + self._lines, 0

    def flush(self) -> Iterator[RawEvent]:
        """Everything that is left, also a line without an end."""
        if self._buffer:
            buffer, self._buffer = self._buffer, b""
            yield self._event(buffer, 0, len(buffer))
            self._offset += len(buffer)
            self._lines = 0

    def _begins(self, line: bytes) -> bool:
        if self._shape is not Shape.DAEMON or not line[:2].isdigit() or not _HEADER.match(line):
            return False
        if self._banner is None and not line.endswith(b"*****\n"):
            return True
        banner = _BANNER.match(line)
        writer = (banner[1] or b"") if banner else None
        if banner and writer == self._banner:
            return False
        self._banner = writer if banner and banner[2].startswith(b"***") else None
        return True

    def _ends(self, line: bytes) -> bool:
        if self._shape is Shape.JOBS:
            return line == _END_OF_JOB_EVENT
        return self._shape is Shape.PLAIN

    def _event(self, buffer: bytes, start: int, end: int) -> RawEvent:
        offset = self._offset + start
        data = buffer[start:end]
        continues = self._cut or (
            self._shape is Shape.DAEMON and offset > 0 and not _HEADER.match(data)
        )
        self._cut = False
        self.safe = self._offset + end
        return RawEvent(offset, data, continues)

    def _piece(self, buffer: bytes, start: int) -> Generator[RawEvent, None, int]:
        size = _where_to_cut(buffer[start : start + MAX_EVENT_BYTES])
        safe = self.safe
        yield self._event(buffer, start, start + size)
        self._cut, self.safe = True, safe
        return start + size


def _where_to_cut(data: bytes) -> int:
    """Not within a key or a word, if there is another place near the end."""
    least = len(data) - _CUT_BYTES
    key = data.rfind(_KEY, least)
    blank = max(data.rfind(b" ", least), data.rfind(b"\n", least), data.rfind(b",", least)) + 1
    if key > 0:
        return key
    return blank or len(data)
