"""The output of the engine in memory: logs that can be followed, and commands that have ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from roost.engines.protocol import ExecResult, StreamName


class Log:
    """The output of a container, which readers can follow."""

    def __init__(self, most_bytes: int | None = None) -> None:
        self._most_bytes = most_bytes
        self._lines: list[tuple[float, bytes]] = []
        self._gone = 0
        self._changed = threading.Condition()
        self._ended = False

    def say(self, text: str) -> None:
        """Add the lines of ``text``, now."""
        now = datetime.now(UTC)
        stamp = f"{now:%Y-%m-%dT%H:%M:%S.%f}000Z "
        with self._changed:
            self._lines += [
                (now.timestamp(), f"{stamp}{one}".encode()) for one in text.splitlines()
            ]
            while self._is_too_long():
                del self._lines[0]
                self._gone += 1
            self._changed.notify_all()

    def set_ended(self, ended: bool) -> None:
        """Readers that follow reach the end, or (after a new start) wait for more again."""
        with self._changed:
            self._ended = ended
            self._changed.notify_all()

    def wake(self) -> None:
        """Make readers look again."""
        with self._changed:
            self._changed.notify_all()

    def lines(self, tail: int | None, since: int | None) -> tuple[list[bytes], int]:
        """What there is, the last ``tail`` of what came at ``since`` or later; and the number of the
        line that comes next."""
        with self._changed:
            found = [line for at, line in self._lines if since is None or at >= since]
            following = self._gone + len(self._lines)
        return found if tail is None else found[max(0, len(found) - tail) :], following

    def next_line(self, number: int, reader: FakeLines) -> bytes | None:
        """Line ``number`` once it is there; None at the end, or when ``reader`` was closed."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._gone + len(self._lines) > number or self._ended or reader.closed
            )
            if reader.closed or number >= self._gone + len(self._lines):
                return None
            return self._lines[max(0, number - self._gone)][1]

    def _is_too_long(self) -> bool:
        held = sum(len(line) for _, line in self._lines)
        return self._most_bytes is not None and held > self._most_bytes


class FakeLines:
    """Implements :class:`roost.engines.protocol.LineStream`."""

    def __init__(self, log: Log, follow: bool, tail: int | None, since: int | None) -> None:
        self.closed = False
        self._log = log
        self._follow = follow
        self._told, self._next = log.lines(tail, since)

    def __iter__(self) -> Iterator[bytes]:
        yield from self._told
        while self._follow and (line := self._log.next_line(self._next, self)) is not None:
            self._next += 1
            yield line

    def close(self) -> None:
        """Idempotent; a reader that waits for more sees the end."""
        self.closed = True
        self._log.wake()


class FakeCommand:
    """Implements :class:`roost.engines.protocol.ExecStream` for a result that is known."""

    def __init__(self, result: ExecResult) -> None:
        self._result = result
        self._closed = False

    def __iter__(self) -> Iterator[tuple[StreamName, bytes]]:
        for name, data in (
            (StreamName.STDOUT, self._result.stdout),
            (StreamName.STDERR, self._result.stderr),
        ):
            if data and not self._closed:
                yield name, data

    @property
    def exit_code(self) -> int:
        """The handler's."""
        return self._result.exit_code

    def close(self) -> None:
        """Idempotent."""
        self._closed = True
