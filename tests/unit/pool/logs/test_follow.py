"""What comes: each line once, whatever happens to the containers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from roost.engines.fake import Failure, FakeEngine
from roost.errors import EngineError
from roost.logline import LogRecord
from roost.pool.logs import follow, make_query, read_logs
from tests.unit.pool.logs.nodes import add_node, make_engine, messages, record, say


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "LOOK_S", 0.02)
    monkeypatch.setattr(follow, "HOLD_S", 0.02)


@pytest.fixture
def engine() -> FakeEngine:
    engine = make_engine("master", "execute-1")
    say(engine, record(1, "one", at=0), record(2, "two", "execute-1", at=0))
    return engine


def following(engine: FakeEngine, tail: int | None = None, **asked: object) -> Iterator[LogRecord]:
    return read_logs(engine, "lab", make_query(**asked), follow=True, tail=tail)  # type: ignore[arg-type]


def test_what_comes_follows_what_was_and_nothing_comes_twice(engine: FakeEngine) -> None:
    told = following(engine)
    assert messages(islice(told, 2)) == ["one", "two"]
    engine.say("lab-master", "three\nfour")
    assert messages(islice(told, 2)) == ["three", "four"]
    say(engine, record(5, "five", at=5))
    assert next(told).message == "five"


def test_only_the_end_of_the_past(engine: FakeEngine) -> None:
    told = following(engine, tail=1)
    assert next(told).message == "two"
    say(engine, record(3, "three", at=3))
    assert next(told).message == "three"


def test_nothing_of_the_past(engine: FakeEngine) -> None:
    told = following(engine, tail=0, daemons=["SCHEDD"])
    threading.Timer(0.1, say, (engine, record(4, "four", at=4))).start()
    assert next(told).message == "four"


def test_a_node_that_starts_again(engine: FakeEngine) -> None:
    told = following(engine)
    assert messages(islice(told, 2)) == ["one", "two"]
    say(engine, record(3, "last words", at=3))
    engine.stop("lab-master")
    assert next(told).message == "last words"
    engine.start("lab-master")
    say(engine, record(3, "last words", at=3), record(4, "back", at=4))
    assert next(told).message == "back"


def test_a_node_that_is_made_anew(engine: FakeEngine) -> None:
    told = following(engine)
    assert messages(islice(told, 2)) == ["one", "two"]
    engine.remove_container("lab-master")
    add_node(engine, "master")
    say(engine, record(1, "one", at=0), record(3, "new", at=3))
    engine.say("lab-master", "no record")
    assert {one.message for one in islice(told, 2)} == {"new", "no record"}


def test_a_node_that_is_added_if_it_is_asked_for(engine: FakeEngine) -> None:
    told = following(engine, roles=["execute"])
    assert next(told).message == "two"
    for number in (2, 3):
        add_node(engine, f"execute-{number}")
        say(engine, record(number, "hello", f"execute-{number}", at=0))
        assert next(told).node == f"execute-{number}"
    add_node(engine, "submit")
    say(engine, record(4, "not asked for", "submit", at=0), record(5, "x", "execute-3", at=1))
    assert next(told).message == "x"


def test_it_ends_with_the_pool(engine: FakeEngine) -> None:
    told = following(engine)
    assert messages(islice(told, 2)) == ["one", "two"]
    say(engine, record(3, "three", at=3))
    engine.stop("lab-master")
    assert next(told).message == "three"
    engine.remove_container("lab-master")
    engine.remove_container("lab-execute-1")
    assert list(told) == []


def test_an_engine_that_breaks_off_is_told(engine: FakeEngine) -> None:
    told = following(engine)
    assert messages(islice(told, 2)) == ["one", "two"]
    engine.failure = Failure(len(engine.calls) + 1, EngineError("gone"))
    with pytest.raises(EngineError, match="gone"):
        next(told)


def test_no_thread_is_left_behind(engine: FakeEngine) -> None:
    before = set(threading.enumerate())
    told = following(engine)
    assert messages(islice(told, 2)) == ["one", "two"]
    engine.say("lab-master", "\n".join(map(str, range(3000))))  # more than waits for a reader
    assert next(told).message == "0"
    told.close()  # type: ignore[attr-defined]
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
