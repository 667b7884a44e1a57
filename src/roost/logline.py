"""One line of a node's log: written inside the containers, read by ``roost logs``.

As text, a line is seven words and a message::

    2026-05-01T12:00:00.123Z execute-1 STARTER INFO slot1_1 12.3 5f0c2a91:18432 Job 12.3 set to …

time in UTC, node, daemon, level, slot, job, position, message; ``-`` stands for what there is not. The
message is escaped so that a line is an event, whole or in pieces. As JSON, it is an object with the same
things by name. Imported on both sides, so it may use nothing but the standard library.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import NamedTuple, Self

MAX_LINE_BYTES = 4000
"""Most bytes of a line with its end: a pipe takes up to 4096 at once, never mixed with another's."""

_NOTHING = "-"
_ESCAPED = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPE = re.compile(r"\\(\\|n|t|x[0-9a-f]{2}|u[0-9a-f]{4})")
_SHORT = {"\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_LONG = {"\\": "\\", "n": "\n", "t": "\t"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_POSITION = re.compile(r"([0-9a-f]{8})([:+])(\d+)")


class LogFormat(StrEnum):
    """How a node writes its log."""

    TEXT = "text"
    JSON = "json"


class Level(StrEnum):
    """How much a line matters, from the most on."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"
    DEBUG = "DEBUG"


ROOST = "roost"
"""The daemon that our own programs are called."""
SUPERVISORD = "supervisord"
EVENT = "EVENT"
"""Lines of the schedd's global event log: what happened to which job."""
CONSOLE = "CONSOLE"
"""What a program wrote to its standard output instead of its log."""
DAEMONS = (
    "MASTER", "COLLECTOR", "NEGOTIATOR", "SCHEDD", "SHADOW", "STARTD", "STARTER",
    "SHARED_PORT", "PROCD", EVENT, CONSOLE, ROOST, SUPERVISORD,
)  # fmt: skip
"""Every daemon that a line may be of, as HTCondor calls its subsystems."""


class Position(NamedTuple):
    """Where in which file a line stands, the same however often it is forwarded.

    ``file`` is eight hexadecimal digits that name the file through all its rotations; ``offset`` is in
    bytes. A line that ``continues`` is a further piece of the event before it.
    """

    file: str
    offset: int
    continues: bool = False

    def __str__(self) -> str:
        return f"{self.file}{'+' if self.continues else ':'}{self.offset}"

    @classmethod
    def parse(cls, word: str) -> Self | None:
        """The position that a word of a line says; None for a word that says none."""
        found = _POSITION.fullmatch(word)
        return cls(found[1], int(found[3]), found[2] == "+") if found else None


class LogRecord(NamedTuple):
    """A line, or with its newlines a whole event. ``time`` is RFC 3339 in UTC to the millisecond."""

    time: str
    node: str
    daemon: str
    level: Level
    message: str
    slot: str | None = None
    job: str | None = None
    position: Position | None = None

    def to_json(self) -> dict[str, object]:
        """The line as data for ``json.dumps``."""
        return {
            "time": self.time,
            "node": self.node,
            "daemon": self.daemon,
            "level": self.level.value,
            "slot": self.slot,
            "job": self.job,
            "position": str(self.position) if self.position else None,
            "message": self.message,
        }

    def render(self, form: LogFormat = LogFormat.TEXT) -> str:
        """The line without its end."""
        if form is LogFormat.JSON:
            return json.dumps(self.to_json(), separators=(",", ":"))
        words = (self.slot, self.job, self.position)
        optional = " ".join(str(word) if word else _NOTHING for word in words)
        return (
            f"{self.time} {self.node} {self.daemon} {self.level} {optional} {escape(self.message)}"
        )

    @classmethod
    def parse(cls, line: str) -> Self | None:
        """The record of a line in either format; None for a line that is neither."""
        return cls._parse_json(line) if line.startswith("{") else cls._parse_text(line)

    @classmethod
    def _parse_text(cls, line: str) -> Self | None:
        words = line.split(" ", 7)
        if len(words) < 8 or not _TIME.fullmatch(words[0]) or words[3] not in Level.__members__:
            return None
        time, node, daemon, level, slot, job, position, message = words
        return cls(
            time,
            node,
            daemon,
            Level(level),
            unescape(message),
            None if slot == _NOTHING else slot,
            None if job == _NOTHING else job,
            Position.parse(position),
        )

    @classmethod
    def _parse_json(cls, line: str) -> Self | None:
        try:
            data = json.loads(line)
            return cls(
                str(data["time"]),
                str(data["node"]),
                str(data["daemon"]),
                Level(data["level"]),
                str(data["message"]),
                data["slot"],
                data["job"],
                Position.parse(data["position"] or ""),
            )
        except (ValueError, KeyError, TypeError):
            return None


def escape(message: str) -> str:
    """The message on one line of printable characters; :func:`unescape` brings it back."""
    return _ESCAPED.sub(_escape_one, message)


def _escape_one(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def unescape(text: str) -> str:
    """The message that :func:`escape` made ``text`` of."""
    return _ESCAPE.sub(lambda match: _LONG.get(match[1]) or chr(int(match[1][1:], 16)), text)
