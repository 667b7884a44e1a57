"""Logs of several nodes on an engine in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from roost import contract
from roost.engines.fake import FakeEngine
from roost.engines.protocol import ContainerSpec
from roost.errors import NotFoundError
from roost.pool.logs import LogLine, read_logs


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine(images={"image": {}})
    engine.ensure_network("net", {})
    for node in ("master", "execute-1"):
        labels = {contract.LABEL_POOL: "lab", contract.LABEL_NODE: node}
        engine.ensure_container(ContainerSpec(f"lab-{node}", "image", node, "net", labels))
        engine.start(f"lab-{node}")
    engine.say("lab-master", "one")
    engine.say("lab-execute-1", "two")
    engine.say("lab-master", "three")
    return engine


def texts(lines: Iterator[LogLine]) -> list[str]:
    return [f"{line.node}: {line.text}" for line in lines]


def test_all_nodes_in_the_order_of_time(engine: FakeEngine) -> None:
    found = list(read_logs(engine, "lab", None))
    assert texts(iter(found)) == ["master: one", "execute-1: two", "master: three"]
    assert found == sorted(found)


@pytest.mark.parametrize("name", ["master", "lab-master"])
def test_one_node_by_either_name(engine: FakeEngine, name: str) -> None:
    assert texts(read_logs(engine, "lab", name)) == ["master: one", "master: three"]


def test_the_last_lines_of_each(engine: FakeEngine) -> None:
    assert texts(read_logs(engine, "lab", None, tail=1)) == ["execute-1: two", "master: three"]


def test_since_a_time(engine: FakeEngine) -> None:
    assert texts(read_logs(engine, "lab", None, since=4e9)) == []
    assert len(texts(read_logs(engine, "lab", None, since=0.5))) == 3


def test_what_comes_follows_what_was_and_nothing_comes_twice(engine: FakeEngine) -> None:
    following = read_logs(engine, "lab", None, follow=True)
    past = list(itertools.islice(following, 3))
    assert texts(iter(past)) == ["master: one", "execute-1: two", "master: three"]
    engine.say("lab-execute-1", "four")
    assert next(following).text == "four"
    engine.say("lab-master", "five")
    assert next(following).text == "five"
    engine.stop("lab-master")
    engine.say("lab-execute-1", "six")
    assert next(following).text == "six"
    engine.remove_container("lab-execute-1")
    assert list(following) == []


@pytest.mark.parametrize(
    ("ask", "there"),
    [
        (lambda engine: read_logs(engine, "lab", "execute-9"), "execute-1, master"),
        (lambda engine: read_logs(engine, "nosuch", None), "lab"),
    ],
)
def test_who_is_not_there(
    engine: FakeEngine, ask: Callable[[FakeEngine], object], there: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        ask(engine)
    assert there in (caught.value.hint or "")
