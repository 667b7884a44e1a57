"""Lines of a container become records, each once, however often they are read."""

from __future__ import annotations

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
