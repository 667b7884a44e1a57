"""Lines as records, each once."""

from __future__ import annotations

from roost.logline import CONSOLE, Level, LogRecord
from roost.pool.logs.container import WHOLE_SECOND, Line

_MOST_RECENT = 5000


class Records:
    """Makes records of lines in the order in which they arrived, and drops repeats.

    After its restart a node's forwarder tells the lines again of which it does not know that they got
    out. A line's position says which file it is of and where it stands there: what is not beyond the
    furthest position seen of that file was told before.
    """

    def __init__(self) -> None:
        self._furthest: dict[tuple[str, str], int] = {}
        self._recent: dict[Line, None] = {}

    def take(self, line: Line) -> LogRecord | None:
        """The record of a line; None for a repeat."""
        record = LogRecord.parse(line.text)
        if record is None:
            return None if self._is_told_again(line) else _of_no_forwarder(line)
        if record.position is not None and not self._is_new(line.node, record):
            return None
        # A node may be called something else inside, or lie; the engine's label does not.
        return record if record.node == line.node else record._replace(node=line.node)

    def _is_new(self, node: str, record: LogRecord) -> bool:
        assert record.position is not None
        key = (node, record.position.file)
        if record.position.offset <= self._furthest.get(key, -1):
            return False
        self._furthest[key] = record.position.offset
        return True

    def _is_told_again(self, line: Line) -> bool:
        """Docker (20.10) tells a follower the last lines again when it rotates its files. Whole seconds
        (Podman's stamps) tell nothing: a line may well be said twice in one."""
        if line.stamp.endswith(WHOLE_SECOND):
            return False
        if line in self._recent:
            return True
        self._recent[line] = None
        if len(self._recent) > _MOST_RECENT:
            del self._recent[next(iter(self._recent))]
        return False


def _of_no_forwarder(line: Line) -> LogRecord:
    """What something wrote past the forwarder, by the engine's clock."""
    return LogRecord(f"{line.stamp[:23]}Z", line.node, CONSOLE, Level.INFO, line.text)
