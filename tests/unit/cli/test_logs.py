"""``roost logs``: what is asked, and what people and programs are shown."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roost.cli.commands.logs import write
from roost.cli.output.loglines import LineWriter
from roost.engines.fake import FakeEngine
from roost.errors import EngineError, NotFoundError, RoostError
from roost.logline import Level, LogRecord, Position
from roost.pool import Pool
from tests.unit.cli.conftest import Roost

TOLD = (
    LogRecord("2026-05-01T12:00:00.123Z", "master", "COLLECTOR", Level.INFO, "first"),
    LogRecord(
        *("2026-05-01T12:00:01.000Z", "execute-1", "STARTER", Level.ERROR, "second\n  more\n"),
        *("slot1_1", "12.3", Position("5f0c2a91", 7)),
    ),
)


class Said:
    """Stands for ``Pool.logs``: keeps what it was asked, and may end with an error."""

    def __init__(self) -> None:
        self.nodes: tuple[str, ...] = ()
        self.asked: dict[str, Any] = {}
        self.error: RoostError | None = None

    def logs(self, *nodes: str, **asked: Any) -> Iterator[LogRecord]:
        self.nodes, self.asked = nodes, asked
        yield from TOLD
        if self.error:
            raise self.error


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    said = Said()
    monkeypatch.setattr(Pool, "logs", lambda _pool, *nodes, **asked: said.logs(*nodes, **asked))
    return said


def test_lines_for_people(roost: Roost, said: Said) -> None:
    assert roost("logs").stdout == (
        "05-01 12:00:00.123 master    COLLECTOR  first\n"
        "05-01 12:00:01.000 execute-1 STARTER    [slot1_1 12.3] ERROR second\n"
        "      more\n"
    )


def test_what_all_lines_have_in_common_is_left_out(roost: Roost, said: Said) -> None:
    told = roost("logs", "execute-1", "--job", "12.3").stdout.splitlines()
    assert told[1] == "05-01 12:00:01.000 STARTER    [slot1_1] ERROR second"


def test_each_node_has_a_color_on_a_terminal(roost: Roost, said: Said) -> None:
    first, second, _ = roost("logs", color=True).stdout.splitlines()
    assert "\033[36mmaster   \033[0m" in first
    assert "\033[33mexecute-1\033[0m" in second
    assert "\033[31mERROR\033[0m" in second


def test_addresses_are_short_for_people() -> None:
    long = "<10.0.0.5:9618?addrs=10.0.0.5-9618&sock=startd_9_c071>"
    record = LogRecord(
        "2026-05-01T12:00:00.123Z", "m", "X", Level.INFO, f"to {long}#1#...> why? a&b"
    )
    assert LineWriter()(record).endswith(" to <10.0.0.5:9618?...>#1#...> why? a&b")


def test_all_but_the_details_is_shown(roost: Roost, said: Said) -> None:
    roost("logs")
    assert said.asked["level"] == "info"


def test_what_an_output_cannot_show_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    out = io.TextIOWrapper(buffer, encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", out)
    record = LogRecord("2026-05-01T12:00:00.123Z", "m", "X", Level.INFO, "→ é")
    write(iter([record]), LineWriter(), at_once=1)
    out.flush()
    assert buffer.getvalue().endswith(b" \\u2192 \xe9\n")


def test_lines_for_programs(roost: Roost, said: Said) -> None:
    lines = roost("logs", "--json").stdout.splitlines()
    assert [json.loads(line) for line in lines] == [record.to_json() for record in TOLD]
    assert json.loads(lines[1])["position"] == "5f0c2a91:7"


def test_everything_is_passed_on(roost: Roost, said: Said) -> None:
    options = ["--role", "EXECUTE", "-d", "shadow", "--daemon", "Roost", "--level", "warning"]
    times = ["--since", "1970-01-01T00:00:01Z", "--until", "1970-01-01T00:00:02Z", "-n", "5"]
    result = roost("logs", "-f", *options, *times, "--job", "12", "submit", "execute-1")
    assert result.exit_code == 0, result.stderr
    assert said.nodes == ("submit", "execute-1")
    assert said.asked == {
        "roles": ("execute",),
        "daemons": ("shadow", "roost"),
        "level": "warning",
        "job": "12",
        "since": 1.0,
        "until": 2.0,
        "tail": 5,
        "follow": True,
    }


@pytest.mark.parametrize("follow", [[], ["-f"]])
def test_what_was_told_before_an_error_is_shown(
    roost: Roost, said: Said, follow: list[str]
) -> None:
    said.error = EngineError("the log of lab-submit cannot be read", hint="make it anew")
    result = roost("logs", *follow)
    assert result.exit_code == 1
    assert "second" in result.stdout
    assert "cannot be read" in result.stderr
    assert "make it anew" in result.stderr


def test_a_job_that_is_in_no_line_fails(roost: Roost, said: Said) -> None:
    said.error = NotFoundError("no line is about job 99", hint="there never was such a job")
    result = roost("logs", "--job", "99")
    assert result.exit_code == 1
    assert "no line is about job 99" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--daemon", "shedd"], ["'shedd'", "'schedd'", "'supervisord'"]),
        (["--level", "loud"], ["'loud'", "'warning'"]),
        (["--role", "worker"], ["'worker'", "'execute'"]),
        (["--job", "x.1"], ["'x.1' is no job", "12.3"]),
        (["--since", "yesterday"], ["neither a duration"]),
        (["--until", "12:61"], ["neither a duration"]),
        (["--since", "1m", "--until", "2m"], ["nothing is between"]),
        (["-f", "--until", "1m"], ["cannot be followed"]),
    ],
)
def test_what_cannot_be_asked(roost: Roost, arguments: list[str], words: list[str]) -> None:
    roost("up", "-n", "1")
    result = roost("logs", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert all(word in result.stderr for word in words), result.stderr


def test_an_unknown_node_names_those_there_are(roost: Roost) -> None:
    roost("up", "-n", "1")
    result = roost("logs", "execute-9")
    assert result.exit_code == 1
    assert "it has execute-1, master, submit" in result.stderr


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("a\tb", "a\tb"),
        ("back\\slash", "back\\slash"),
        ("\x1b[2J\x07\x00\x7f\x9b", "\\x1b[2J\\x07\\x00\\x7f\\x9b"),
        ("one\r\ntwo", "one\\x0d\n    two"),
        ("\u2028 \u202e \ud800 é", "\\u2028 \\u202e \\ud800 é"),
    ],
)
def test_nothing_acts_on_the_terminal(message: str, shown: str) -> None:
    record = LogRecord("2026-05-01T12:00:00.123Z", "m\x1b", "X", Level.DEBUG, message, "s\n")
    line = LineWriter()(record)
    assert line.endswith(f" {shown}")
    assert "m\\x1b" in line
    assert "\x1b[2J" not in line


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("roost logs --level w", ["warning"]),
        ("roost logs --daemon sh", ["shadow", "shared_port"]),
        ("roost logs --role ma", ["master"]),
        ("roost logs master ex", ["execute-1"]),
    ],
)
def test_shells_complete_the_filters(
    roost: Roost,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    completions: list[str],
) -> None:
    roost("up", "-n", "1")
    monkeypatch.setattr("roost.engines.detect.open_engine", lambda *_: engine)
    count = len(words.split(" ")) - 1
    asked = {"_ROOST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)}
    told = [line.partition(",")[2] for line in roost(env=asked).stdout.split()]
    assert told == completions


def test_export_says_where_and_what_is_missing(
    roost: Roost, engine: FakeEngine, here: Path
) -> None:
    roost("up", "-n", "1")
    engine.stop("roost-execute-1")
    result = roost("export", "logs", "-o", "x.tar.gz")
    assert (result.exit_code, result.stdout) == (0, "x.tar.gz\n")
    assert "without config/execute-1.txt: roost-execute-1 is not running" in result.stderr
    assert (here / "x.tar.gz").is_file()
    told = json.loads(roost("export", "logs", "--json", "--force", "-o", "x.tar.gz").stdout)
    assert (told["file"], told["nodes"]) == ("x.tar.gz", ["execute-1", "master", "submit"])
    assert told["bytes"] == (here / "x.tar.gz").stat().st_size
    assert "config/execute-1.txt" in told["missing"]


def test_export_does_not_overwrite(roost: Roost, here: Path) -> None:
    roost("up", "-n", "1")
    (here / "x.tar.gz").touch()
    result = roost("export", "logs", "--output", "x.tar.gz")
    assert result.exit_code == 1
    assert "--force" in result.stderr
