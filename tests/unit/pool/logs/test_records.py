"""Lines of a container become records, each once, however often they are read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from roost.logline import CONSOLE, Level, LogFormat
from roost.pool.logs.container import ContainerLog, Line, seconds
from roost.pool.logs.records import Records
from tests.unit.pool.logs.nodes import make_engine, record

STAMP = "2026-05-01T12:00:01.123456789Z"


def line(text: str, node: str = "master") -> Line:
    return Line(node, STAMP, text)


def test_both_formats_are_read() -> None:
    written = record(1, "a\nb", slot="slot1_1", job="12.3", at=7)
    for form in LogFormat:
        assert Records().take(line(written.render(form))) == written


def test_what_is_no_record_is_output_at_the_time_of_its_arrival() -> None:
    taken = Records().take(line("Segmentation fault"))
    assert taken is not None
    assert (taken.time, taken.daemon, taken.level) == (
        "2026-05-01T12:00:01.123Z",
        CONSOLE,
        Level.INFO,
    )
    assert (taken.node, taken.message) == ("master", "Segmentation fault")


def test_a_node_has_the_name_that_the_engine_knows() -> None:
    taken = Records().take(line(record(1, "", node="liar").render()))
    assert taken is not None
    assert taken.node == "master"


def test_repeats_go_file_by_file_and_node_by_node() -> None:
    records = Records()
    told = [
        record(1, "a", at=0),
        record(1, "b", at=10),
        record(1, "c", at=0, file="0badcafe"),
        record(1, "a", at=0),
        record(1, "b", at=10),
        record(1, "d", at=20),
        record(1, "", at=None),
        record(1, "", at=None),
    ]
    taken = [records.take(line(one.render())) for one in told]
    assert [one.message if one else None for one in taken] == [
        *("a", "b", "c", None, None, "d", "", ""),
    ]
    assert records.take(line(told[0].render(), node="submit")) is not None


def test_reading_goes_on_where_it_stopped() -> None:
    engine = make_engine("master")
    (container,) = engine.list_containers({})
    log = ContainerLog(engine, container)
    engine.say("lab-master", "one\ntwo")  # at the same moment
    lines = log.lines()
    assert next(lines).text == "one"
    lines.close()  # type: ignore[attr-defined]
    assert [one.text for one in log.lines()] == ["two"]
    assert list(log.lines()) == []
    engine.say("lab-master", "three")
    assert [one.text for one in log.lines()] == ["three"]


def test_stamps_are_times() -> None:
    assert seconds("1970-01-01T00:00:01.500000000Z") == 1.5
    assert seconds("no stamp") == 0.0


def test_what_an_engine_repeats_is_told_once() -> None:
    records = Records()
    said = [line("by no forwarder"), line("by no forwarder"), line("else"), line("by no forwarder")]
    assert [one.message for text in said if (one := records.take(text))] == [
        *("by no forwarder", "else"),
    ]


def test_in_a_whole_second_a_line_may_be_said_twice() -> None:
    records = Records()
    said = Line("master", "2026-05-01T12:00:01.000000000Z", "again")
    assert records.take(said)
    assert records.take(said)


class ScriptedEngine:
    """An engine whose logs are what it was told, one stream after the other."""

    def __init__(self, *streams: list[str]) -> None:
        self._streams = list(streams)
        self.followed: list[bool] = []

    def logs(self, _name: str, *, follow: bool, **_how: object) -> ScriptedLines:
        self.followed.append(follow)
        return ScriptedLines(self._streams.pop(0))


class ScriptedLines(list[str]):
    def __iter__(self) -> Iterator[bytes]:  # type: ignore[override]
        return (line.encode() for line in super().__iter__())

    def close(self) -> None:
        pass


def follow_slowly(fraction: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[bool]]:
    """What somebody reads who takes five seconds for a line, and how it was asked for."""
    now = [1000.5]
    monkeypatch.setattr("roost.pool.logs.container.time.time", lambda: now[0])
    one, two, three = (
        f"1970-01-01T00:16:{40 + number}.{fraction:0<9}Z {word}"
        for number, word in enumerate(("one", "two", "three"))
    )
    engine = ScriptedEngine([one, two], [two, three], [three], [three])
    (container,) = make_engine("master").list_containers({})
    read = []
    for line in ContainerLog(engine, container).following():  # type: ignore[arg-type]
        read.append(line.text)
        now[0] += 5
    return read, engine.followed


def test_who_is_behind_reads_what_there_is_and_then_follows_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read, followed = follow_slowly("5", monkeypatch)
    assert read == ["one", "two", "three"]
    assert followed == [True, False, True, False]


def test_whole_seconds_do_not_tell_who_is_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    read, followed = follow_slowly("0", monkeypatch)
    assert read == ["one", "two", "three"]
    assert followed == [True, False]
