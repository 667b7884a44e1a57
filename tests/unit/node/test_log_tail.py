"""Reading on in a log that grows, is set aside, or is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.node.logtail import LogTail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "ShadowLog"


def write(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_what_is_new(log: Path) -> None:
    tail = LogTail(log)
    assert tail.read() == b"", "there is no log yet"
    write(log, "one\n")
    assert tail.read() == b"one\n"
    assert tail.read() == b""
    write(log, "two\n")
    assert tail.read() == b"two\n"


def test_what_was_there_before_is_passed_over(log: Path) -> None:
    write(log, "one\n")
    tail = LogTail(log)
    assert tail.read() == b""
    write(log, "two\n")
    assert tail.read() == b"two\n"


def test_a_log_that_is_set_aside_is_read_to_its_end(log: Path) -> None:
    tail = LogTail(log)
    write(log, "one\n")
    tail.read()
    write(log, "two\n")
    log.rename(log.with_name("ShadowLog.old"))
    write(log, "three\n")
    assert tail.read() == b"two\nthree\n"


def test_a_log_that_was_cut_is_read_anew(log: Path) -> None:
    tail = LogTail(log)
    write(log, "one and a half\n")
    tail.read()
    log.write_text("two\n")
    assert tail.read() == b"two\n"


def test_of_much_the_end_is_read(log: Path) -> None:
    tail = LogTail(log)
    write(log, "x" * (3 << 20) + "end")
    told = tail.read()
    assert len(told) == 1 << 20
    assert told.endswith(b"end")
