"""Records that arrive almost in order leave in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roost.pool.logs.window import MOST_SHOWN, Window
from tests.unit.pool.logs.nodes import messages, record


def test_a_record_lets_older_ones_of_other_files_go_first() -> None:
    window = Window(1.0, 100)
    window.add(record(2, "second"), 10.0)
    assert list(window.due(10.9)) == []
    window.add(record(1, "first"), 10.9)
    window.add(record(3, "third"), 10.9)
    assert window.next_due() == 11.0
    assert messages(window.due(11.0)) == ["first", "second"]
    assert messages(window.rest()) == ["third"]
    assert window.next_due() is None


def test_records_of_one_time_keep_their_order() -> None:
    window = Window(1.0, 100)
    for number in range(20):
        window.add(record(1, str(number)), float(number) / 100)
    assert messages(window.rest()) == [str(number) for number in range(20)]


def test_a_clock_that_is_ahead_holds_nothing_up() -> None:
    window = Window(1.0, 100)
    window.add(record(50, "from the future"), 0.0)
    window.add(record(1, "now"), 0.5)
    assert messages(window.due(1.0)) == ["now", "from the future"]


def test_no_more_is_held_than_allowed() -> None:
    window = Window(1000.0, 3)
    for number in range(5):
        window.add(record(number, str(number)), 0.0)
    assert messages(window.due(0.0)) == ["0", "1"]


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 0.99)), max_size=60))
def test_order_is_right_where_delays_are_within_the_span(said: list[tuple[float, float]]) -> None:
    window = Window(1.0, 1000)
    out: list[str] = []
    for arrival, time in sorted((round(at, 3) + delay, round(at, 3)) for at, delay in said):
        window.add(record(time, ""), arrival)
        out += [one.time for one in window.due(arrival)]
    out += [one.time for one in window.rest()]
    assert out == sorted(out)
    assert len(out) == len(said)


def test_pieces_become_one_event_again() -> None:
    window = Window(1.0, 100)
    window.add(record(1, "one ", at=0), 0.0)
    window.add(record(1, "other", at=0, file="0badcafe"), 0.0)
    window.add(record(1, "two ", at=4, continues=True), 0.1)
    window.add(record(1, "elsewhere", "submit", at=8), 0.1)
    window.add(record(1, "three", at=8, continues=True), 0.2)
    window.add(record(1, "next", at=13), 0.2)
    assert messages(window.rest()) == ["one two three", "other", "elsewhere", "next"]


def test_a_piece_whose_beginning_is_gone_stands_alone() -> None:
    window = Window(1.0, 100)
    window.add(record(1, "one", at=0), 0.0)
    assert messages(window.due(2.0)) == ["one"]
    window.add(record(1, "two", at=3, continues=True), 2.0)
    assert messages(window.rest()) == ["two"]


def test_an_event_without_end_is_cut_and_says_so() -> None:
    window = Window(1.0, 100)
    window.add(record(1, "x" * 4000, at=0), 0.0)
    for number in range(1, 250):
        window.add(record(1, "x" * 4000, at=number * 4000, continues=True), 0.0)
    window.add(record(2, "y" * (MOST_SHOWN + 7)), 0.0)
    event, line = messages(window.rest())
    assert event == "x" * MOST_SHOWN + f" [... {1_000_000 - MOST_SHOWN} more characters]"
    assert line.endswith("y [... 7 more characters]")
