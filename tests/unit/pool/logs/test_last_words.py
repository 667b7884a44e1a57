"""What errors quote of a node's log."""

from __future__ import annotations

from roost.logline import ROOST, Level
from roost.pool.logs.lastwords import last_words
from tests.unit.pool.logs.nodes import make_engine, record, say


def test_what_went_wrong_and_what_the_node_itself_said_come_first() -> None:
    engine = make_engine("submit")
    say(
        engine,
        record(1, "this is submit", "submit", daemon=ROOST),
        record(2, "cannot\nfor a reason", "submit", level=Level.ERROR),
        *(record(3 + number, "busy", "submit", level=Level.DEBUG) for number in range(10)),
    )
    assert last_words(engine, "lab-submit").splitlines() == [
        "2026-05-01T12:00:01.000Z roost this is submit",
        "2026-05-01T12:00:02.000Z SCHEDD ERROR cannot",
    ]


def test_else_the_last_lines() -> None:
    engine = make_engine("submit")
    say(engine, *(record(number, f"{number}", "submit") for number in range(9)))
    engine.say("lab-submit", "Segmentation fault")
    told = last_words(engine, "lab-submit").splitlines()
    assert told[0].endswith("SCHEDD 5")
    assert (len(told), told[-1]) == (5, "Segmentation fault")


def test_no_words_of_what_is_not_there() -> None:
    assert last_words(make_engine("submit"), "lab-master") == ""
