"""Logs of several nodes on an engine in memory."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from roost.engines.fake import FakeEngine
from roost.errors import NotFoundError, UsageError
from roost.logline import Level
from roost.pool.logs import make_query, past, read_logs
from roost.pool.logs.query import rfc3339
from tests.unit.pool.logs.nodes import make_engine, messages, record, say


@pytest.fixture
def engine() -> FakeEngine:
    engine = make_engine("master", "submit", "execute-1")
    say(
        engine,
        record(3, "matched", "master", daemon="NEGOTIATOR", job="1.0", at=0),
        record(1, "queued", "submit", job="1.0", at=0),
        record(4, "shadow", "submit", daemon="SHADOW", job="1.0", at=0, file="0badcafe"),
        record(2, "careful", "submit", level=Level.WARNING, at=10),
        record(5, "done", "execute-1", daemon="STARTER", job="1.0", slot="slot1_1", at=0),
        record(6, "broken", "execute-1", daemon="STARTD", level=Level.ERROR, at=0, file="0badcafe"),
    )
    return engine


def test_all_nodes_in_the_order_of_time(engine: FakeEngine) -> None:
    told = messages(read_logs(engine, "lab", make_query()))
    assert told == ["queued", "careful", "matched", "shadow", "done", "broken"]


def test_also_nodes_that_have_stopped(engine: FakeEngine) -> None:
    engine.stop("lab-submit")
    assert len(messages(read_logs(engine, "lab", make_query()))) == 6


def test_the_story_of_a_job(engine: FakeEngine) -> None:
    told = messages(read_logs(engine, "lab", make_query(job="1.0")))
    assert told == ["queued", "matched", "shadow", "done"]


def test_filters_combine(engine: FakeEngine) -> None:
    query = make_query(roles=["execute", "submit"], level="warning")
    assert messages(read_logs(engine, "lab", query)) == ["careful", "broken"]
    query = make_query(nodes=["submit"], daemons=["shadow"], job=1)
    assert messages(read_logs(engine, "lab", query)) == ["shadow"]


@pytest.mark.parametrize("number", [0, 1, 3, 5, 6, 100])
@pytest.mark.parametrize("first_tail", [1, 2, 1000])
def test_the_last_ones_of_all(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, number: int, first_tail: int
) -> None:
    """However little of each log is read at first."""
    monkeypatch.setattr(past, "_FIRST_TAIL", first_tail)
    everything = messages(read_logs(engine, "lab", make_query()))
    told = messages(read_logs(engine, "lab", make_query(), tail=number))
    assert told == everything[len(everything) - min(number, 6) :]


def test_the_last_ones_of_what_passes_the_filters(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "_FIRST_TAIL", 1)
    told = messages(read_logs(engine, "lab", make_query(job="1.0"), tail=3))
    assert told == ["matched", "shadow", "done"]


def test_only_the_ends_are_read_where_they_are_enough(engine: FakeEngine) -> None:
    soon = rfc3339(time.time() + 60)
    new = (record(10, f"{n}", "submit", at=100 + n) for n in range(2000))
    say(engine, *(one._replace(time=soon) for one in new))
    assert messages(read_logs(engine, "lab", make_query(), tail=2)) == ["1998", "1999"]
    tails = [call.arguments["tail"] for call in engine.calls if call.method == "logs"]
    assert tails == [500] * 3


def test_since_a_time_is_asked_of_the_engine(engine: FakeEngine) -> None:
    assert messages(read_logs(engine, "lab", make_query(since=time.time() + 60))) == []
    assert {call.arguments["since"] for call in engine.calls if call.method == "logs"} != {None}


def test_a_repeat_is_told_once(engine: FakeEngine) -> None:
    say(engine, record(5, "done", "execute-1", daemon="STARTER", job="1.0", at=0))
    assert messages(read_logs(engine, "lab", make_query())).count("done") == 1


@pytest.mark.parametrize("job", ["2", "1.1", "10"])
def test_a_job_that_no_line_is_about(engine: FakeEngine, job: str) -> None:
    with pytest.raises(NotFoundError, match=rf"about job {job}") as caught:
        list(read_logs(engine, "lab", make_query(job=job)))
    assert "gone" in (caught.value.hint or "")
    assert "never" in (caught.value.hint or "")


def test_a_job_without_errors_is_no_error(engine: FakeEngine) -> None:
    assert list(read_logs(engine, "lab", make_query(job="1.0", level="error"))) == []


def test_a_node_that_goes_meanwhile_has_no_more_to_say(engine: FakeEngine) -> None:
    told = read_logs(engine, "lab", make_query())
    engine.remove_container("lab-submit")
    assert messages(told) == ["matched", "done", "broken"]


@pytest.mark.parametrize(
    ("ask", "there"),
    [
        (lambda engine: read_logs(engine, "lab", make_query(nodes=["no"])), "execute-1, master"),
        (lambda engine: read_logs(engine, "nosuch", make_query()), "lab"),
    ],
)
def test_who_is_not_there_is_told_at_once(
    engine: FakeEngine, ask: Callable[[FakeEngine], object], there: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        ask(engine)
    assert there in (caught.value.hint or "")


def test_the_past_cannot_be_followed(engine: FakeEngine) -> None:
    with pytest.raises(UsageError, match="cannot be followed"):
        read_logs(engine, "lab", make_query(until=0.0), follow=True)
