"""What containers say, with the time they said it."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from roost.errors import NotFoundError
from roost.waiting import wait_for
from tests.contract.conftest import Bench

STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{9}Z (.*)", re.DOTALL)


def texts(lines: list[bytes]) -> list[bytes]:
    """The lines without their time stamps, all of which must have one."""
    found = []
    for line in lines:
        match = STAMP.fullmatch(line)
        assert match, line
        found.append(match[2])
    return found


def said(bench: Bench, name: str, last: bytes) -> list[bytes]:
    """All lines, once the last one is ``last``."""

    def look() -> list[bytes] | None:
        lines = texts(list(bench.engine.logs(name)))
        return lines if lines and lines[-1] == last else None

    return wait_for(f"{last!r}", look, timeout_s=20)


def test_a_container_that_said_nothing_has_no_log(bench: Bench) -> None:
    assert list(bench.engine.logs(bench.run())) == []


def test_a_container_that_is_not_there_has_no_log(bench: Bench) -> None:
    name = bench.name()

    with pytest.raises(NotFoundError, match=name):
        list(bench.engine.logs(name))


def test_both_streams_come_as_lines_in_order(real: Bench) -> None:
    name = real.run("sh", "-c", "echo a; sleep 1; echo b >&2; sleep 1; echo; echo d; sleep 60")

    assert said(real, name, b"d") == [b"a", b"b", b"", b"d"]


def test_times_are_utc_and_now(real: Bench) -> None:
    name = real.run("sh", "-c", "echo a; sleep 60")
    said(real, name, b"a")

    (line,) = real.engine.logs(name)

    match = STAMP.fullmatch(line)
    assert match
    at = datetime.fromisoformat(match[1].decode()).replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - at) < timedelta(seconds=30)


def test_a_long_line_stays_one_line(real: Bench) -> None:
    """Engines keep lines in pieces, of which each has a time of its own."""
    name = real.run("sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo end; sleep 60")

    long, end = said(real, name, b"end")

    assert (long, end) == (b"x" * 100_000, b"end")


def test_only_the_end_or_the_newer_part_can_be_asked_for(real: Bench) -> None:
    name = real.run("sh", "-c", "for i in 1 2 3; do echo $i; done; sleep 60")
    said(real, name, b"3")

    assert texts(list(real.engine.logs(name, tail=2))) == [b"2", b"3"]
    assert texts(list(real.engine.logs(name, since=int(time.time()) - 60))) == [b"1", b"2", b"3"]
    assert list(real.engine.logs(name, since=int(time.time()) + 60)) == []


def test_a_stopped_container_keeps_its_log(real: Bench) -> None:
    name = real.run("sh", "-c", "echo last words; exit 1")

    assert said(real, name, b"last words") == [b"last words"]


def test_following_ends_with_the_container(real: Bench) -> None:
    name = real.run("sh", "-c", "echo one; sleep 1; echo two")

    assert texts(list(real.engine.logs(name, follow=True))) == [b"one", b"two"]


def test_a_follower_can_be_ended_from_another_thread(real: Bench) -> None:
    name = real.run("sh", "-c", "echo one; sleep 60")
    lines = real.engine.logs(name, follow=True)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.extend(lines))

    reader.start()
    wait_for("the first line", lambda: read or None, timeout_s=10)
    lines.close()
    reader.join(5)

    assert not reader.is_alive()
    assert texts(read) == [b"one"]


def test_a_container_that_never_ran_has_said_nothing(bench: Bench) -> None:
    assert list(bench.engine.logs(bench.create().name)) == []
