"""Lines to the container's standard output, each whole, however long its event is."""

from __future__ import annotations

import os

from roost.logline import MAX_LINE_BYTES, LogFormat, LogRecord, Position
from roost.node.logs.line import Line
from roost.node.logs.splitter import RawEvent


class Output:
    """Writes lines. Several go in one write while they fit what a pipe takes at once."""

    def __init__(self, descriptor: int, node: str, form: LogFormat) -> None:
        self._descriptor = descriptor
        self._node = node
        self._form = form
        self._batch: list[bytes] = []
        self._size = 0

    def tell(self, line: Line, time: str, file_id: str = "", raw: RawEvent | None = None) -> None:
        """One event: a line, or pieces where that is longer than a line may be."""
        position = Position(file_id, raw.offset, raw.continues) if raw else None
        if len(line.message) < MAX_LINE_BYTES:
            whole = self._render(line, time, line.message, position)
            if len(whole) <= MAX_LINE_BYTES:
                self._put(whole)
                return
        used = 0
        while used < len(line.message):
            if raw and used:
                # Never beyond the event: its bytes are as many as its characters, or more, but for
                # what redaction has put there.
                offset = raw.offset + min(used, len(raw.data) - 1)
                position = Position(file_id, offset, continues=True)
            used += self._tell_piece(line, time, line.message[used:], position)

    def _tell_piece(self, line: Line, time: str, rest: str, position: Position | None) -> int:
        count = min(len(rest), MAX_LINE_BYTES)
        while len(data := self._render(line, time, rest[:count], position)) > MAX_LINE_BYTES:
            count = max(min(count * MAX_LINE_BYTES // len(data), count - 1), 1)
        self._put(data)
        return count

    def _render(self, line: Line, time: str, message: str, position: Position | None) -> bytes:
        if not message.isascii():
            # Bytes that are no UTF-8 came as one surrogate each; they are told as \xff.
            as_bytes = message.encode("utf-8", "surrogateescape")
            message = as_bytes.decode("utf-8", "backslashreplace")
        record = LogRecord(
            time, self._node, line.daemon, line.level, message, line.slot, line.job, position
        )
        return record.render(self._form).encode() + b"\n"

    def _put(self, data: bytes) -> None:
        if self._size + len(data) > MAX_LINE_BYTES:
            self.flush()
        self._batch.append(data)
        self._size += len(data)

    def flush(self) -> None:
        """Hand everything over; waits while the reader does. Raises OSError when it is gone."""
        if not self._batch:
            return
        data = memoryview(b"".join(self._batch))
        self._batch, self._size = [], 0
        while data:
            data = data[os.write(self._descriptor, data) :]
