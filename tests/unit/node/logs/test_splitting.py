"""Events out of bytes: the same ones however the bytes arrive, and never more than fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.logline import LogFormat, LogRecord
from roost.node.logs.files import Shape
from roost.node.logs.splitter import MAX_EVENT_BYTES, RawEvent, Splitter
from tests.unit.node.logs.conftest import LogNode, event

DUMP = "\n".join([event(2, "(bt:9d04:14) Creating a record"), "\tBacktrace is", "\tmain(+0x1)"])
BANNER = [
    event(1, "*" * 54),
    event(1, "** condor_schedd (CONDOR_SCHEDD) STARTING UP"),
    event(1, "** /usr/sbin/condor_schedd"),
    event(1, "** PID = 19 RealUID = 0"),
    event(1, "*" * 54),
    event(1, "Using config source: /etc/condor/condor_config"),
    event(1, "Using local config sources: "),
    event(1, "   /etc/condor/config.d/10-roost.config"),
    event(2, "config Macros = 94, Sorted = 94, StringBytes = 2780, TablesBytes = 3448"),
    event(2, "Daemon Log is logging: D_ALWAYS D_ERROR D_STATUS"),
]
LOG = "\n".join([*BANNER, event(3, "waiting"), event(4), DUMP, event(5), ""]).encode()


def split(data: bytes, sizes: list[int] | None = None, offset: int = 0) -> list[RawEvent]:
    splitter = Splitter(Shape.DAEMON, offset)
    events: list[RawEvent] = []
    for size in sizes or [len(data)]:
        events += splitter.feed(data[:size])
        data = data[size:]
    return [*events, *splitter.feed(data), *splitter.flush()]


def test_lines_without_a_header_belong_to_the_event_before() -> None:
    events = [e.data.decode() for e in split(LOG)]
    assert events[0].count("\n") == len(BANNER)
    assert events[1:] == [event(3, "waiting") + "\n", event(4) + "\n", DUMP + "\n", event(5) + "\n"]


def test_a_banner_is_of_one_process() -> None:
    other = event(1, "** PID = 20 RealUID = 0", pid=20)
    events = split("\n".join([*BANNER[:3], other, *BANNER[3:], ""]).encode())
    assert [e.data.count(b"\n") for e in events[:2]] == [3, 1]
    assert b"".join(e.data for e in events).count(b"\n") == len(BANNER) + 1


@given(st.lists(st.integers(1, 200), max_size=60))
def test_it_does_not_matter_how_the_bytes_arrive(sizes: list[int]) -> None:
    assert split(LOG, sizes) == split(LOG)


def test_it_begins_again_at_each_event() -> None:
    events = split(LOG)
    for number, one in enumerate(events):
        assert split(LOG[one.offset :], offset=one.offset) == events[number:]


LONG = st.sampled_from(
    [b"a" * 70_000 + b"\n", b"b" * 3000 + b"\n", b"c d " * 40_000, DUMP.encode()]
)


@given(st.lists(LONG, max_size=6), st.integers(1000, 90_000))
def test_long_events_come_in_the_same_pieces(parts: list[bytes], size: int) -> None:
    data = event(1).encode() + b" " + b"".join(parts) + b"\n" + event(2).encode() + b"\n"
    whole = split(data)
    assert whole == split(data, [size] * (len(data) // size + 1))
    assert b"".join(e.data for e in whole) == data
    assert all(len(e.data) <= MAX_EVENT_BYTES for e in whole)


def test_the_safe_offset_is_that_of_an_event() -> None:
    splitter = Splitter(Shape.DAEMON, 0)
    data = (event(1) + "\n" + event(2)).encode() + b" word" * 60_000
    pieces = list(splitter.feed(data))
    assert len(pieces) > 3
    assert [piece.continues for piece in pieces[:3]] == [False, False, True]
    assert splitter.safe == len(event(1)) + 1, "a restart tells the whole event again"


def test_a_key_is_not_cut_in_two() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "secret12\n" * 300 + "-----END RSA PRIVATE KEY-----"
    data = (event(1, "x " * 32_000) + "\n" + key + "\n" + event(2) + "\n").encode()
    holders = [e for e in split(data) if b"secret12" in e.data]
    assert len(holders) == 1
    assert b"BEGIN" in holders[0].data


def test_an_unfinished_banner_waits_longer() -> None:
    splitter = Splitter(Shape.DAEMON, 0)
    assert list(splitter.feed("\n".join([*BANNER, ""]).encode())) == []
    looks = 0
    while not list(splitter.settle()):
        looks += 1
    assert looks > 10


def pieces(records: list[LogRecord]) -> str:
    assert all(r.position and r.position.continues for r in records[1:])
    offsets = [r.position.offset for r in records if r.position]
    assert offsets == sorted(set(offsets))
    return "".join(record.message for record in records)


@pytest.mark.parametrize("form", list(LogFormat))
@pytest.mark.parametrize(
    "message",
    ["x" * 1_000_000, "ü€😀" * 5000, "\\" * 9000, "\x00\x01\x7f" * 3000, "a\tb\nc" * 2000],
    ids=["1 MB", "not ASCII", "backslashes", "control characters", "lines"],
)
def test_a_long_event_becomes_pieces(node: LogNode, form: LogFormat, message: str) -> None:
    node.form = form
    node.start()
    node.write("SchedLog", event(1, message), event(2))
    *told, last = node.told()
    assert pieces(told) == message
    assert last.message == "event 2"


def test_invalid_utf8_and_binary(node: LogNode) -> None:
    start = event(1, "bad: ").encode()
    (node.logs / "SchedLog").write_bytes(start + b"\xff\xfe\x00 caf\xe9 \xc3\xa9\r\n")
    (told,) = node.told()
    assert told.message == "bad: \\xff\\xfe\x00 caf\\xe9 é"


def test_random_bytes_are_told(node: LogNode) -> None:
    data = bytes(range(256)) * 300
    (node.logs / "SchedLog").write_bytes(data + b"\n" + event(1).encode() + b"\n")
    told = node.told()
    assert told[-1].message == "event 1"
    assert "\\xff" in pieces(told[:-1])
