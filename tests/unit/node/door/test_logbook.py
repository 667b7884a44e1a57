"""What is said aloud goes into the container's log."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.node.door.logbook import aloud
from roost.node.say import say


def test_it_goes_into_the_log_and_nowhere_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with aloud(log):
        say("let in")
    say("afterwards")
    before, line = log.read_text().splitlines()
    assert (before, line.endswith("let in")) == ("before", True)
    said = capsys.readouterr().out
    assert "afterwards" in said
    assert "let in" not in said


def test_where_there_is_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with aloud(tmp_path / "no" / "log"):
        say("let in")
    assert "let in" in capsys.readouterr().out
