"""The end of one container's log, for errors that quote it."""

from __future__ import annotations

from contextlib import closing

from roost.engines.protocol import Engine
from roost.errors import RoostError
from roost.logline import ROOST, Level, LogRecord

_LOOKED_AT = 300
_SHOWN = 5
_BAD = (Level.ERROR, Level.WARNING)


def last_words(engine: Engine, container: str) -> str:
    """What a node said last that may say why it does not get on: what went wrong and what its own
    program told, if there is any of that, else its last lines. Empty when its log cannot be read."""
    lines = _last_lines(engine, container)
    records = [(line, LogRecord.parse(line)) for line in lines]
    telling = [
        _words(record)
        for _, record in records
        if record and (record.level in _BAD or record.daemon == ROOST)
    ]
    told = [_words(record) if record else line for line, record in records]
    return "\n".join((telling or told)[-_SHOWN:])


def find_line(engine: Engine, container: str, words: str) -> str:
    """The last message of the node's own program with these words in it; empty where there is none."""
    records = map(LogRecord.parse, _last_lines(engine, container))
    told = [one.message for one in records if one and one.daemon == ROOST and words in one.message]
    return told[-1] if told else ""


def _last_lines(engine: Engine, container: str) -> list[str]:
    try:
        with closing(engine.logs(container, tail=_LOOKED_AT)) as stream:
            return [line.decode(errors="replace").partition(" ")[2] for line in stream]
    except RoostError:
        return []


def _words(record: LogRecord) -> str:
    level = f"{record.level} " if record.level in _BAD else ""
    first, *_ = record.message.splitlines() or [""]
    return f"{record.time} {record.daemon} {level}{first}"
