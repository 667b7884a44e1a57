"""A directory of logs, and a forwarder over it whose lines can be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from roost.logline import MAX_LINE_BYTES, LogFormat, LogRecord
from roost.node.logs.forward import Forwarder
from roost.node.logs.output import Output


class LogNode:
    """Writes logs as daemons do, and forwards them."""

    def __init__(self, directory: Path) -> None:
        self.logs = directory / "log"
        self.logs.mkdir()
        self.state = directory / "state.json"
        self.out = directory / "out"
        self.descriptor = os.open(self.out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.form = LogFormat.TEXT
        self.forwarder = self.start()

    def start(self) -> Forwarder:
        """A forwarder as after a start of the process: it knows what was saved."""
        output = Output(self.descriptor, "submit", self.form)
        self.forwarder = Forwarder(self.logs, self.state, output)
        return self.forwarder

    def write(self, name: str, *lines: str) -> None:
        with (self.logs / name).open("a", encoding="utf-8") as log:
            log.write("".join(f"{line}\n" for line in lines))

    def rotate(self, name: str, to: str) -> None:
        (self.logs / name).rename(self.logs / to)

    def told(self) -> list[LogRecord]:
        """Every line that went out since the last call, after two looks: the second settles."""
        self.forwarder.look()
        self.forwarder.look()
        return self.taken()

    def taken(self) -> list[LogRecord]:
        data = self.out.read_bytes()
        os.truncate(self.out, 0)
        lines = data.decode("ascii" if self.form is LogFormat.JSON else "utf-8").split("\n")
        assert lines.pop() == "", "the last line has an end"
        assert max(map(len, data.split(b"\n"))) < MAX_LINE_BYTES
        records = [LogRecord.parse(line) for line in lines]
        assert all(records), lines
        return [record for record in records if record]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[LogNode]:
    made = LogNode(tmp_path)
    yield made
    os.close(made.descriptor)


def event(number: int, message: str = "", *, pid: int = 19, category: str = "D_ALWAYS") -> str:
    """A line as a daemon writes it; ``number`` says when."""
    time = f"2026-11-25T01:{number // 60000:02}:{number // 1000 % 60:02}.{number % 1000:03}"
    return f"{time} (pid:{pid}) ({category}) {message or f'event {number}'}"
