"""Facts on their way from a node to the host."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from roost.nodefacts import Clause, Config, IdleJobs, JobFacts, NodeFacts, PoolFacts, from_json
from tests.unit.doctor.pools import MEMORY, healthy


def test_all_of_a_pool_survives() -> None:
    facts = healthy()
    assert facts.collector
    assert facts.queue
    for node, told in facts.answering:
        assert from_json(NodeFacts, json.loads(json.dumps(asdict(told)))) == told, node.name
    assert from_json(PoolFacts, json.loads(json.dumps(asdict(facts.collector)))) == facts.collector
    assert from_json(JobFacts, json.loads(json.dumps(asdict(facts.queue)))) == facts.queue


def test_what_is_inside_survives() -> None:
    idle = IdleJobs(("1.0",), 1, "ann", 1.0, 2, 0, 0, 0, clauses=(MEMORY, Clause("x", 1)))
    assert from_json(IdleJobs, json.loads(json.dumps(asdict(idle)))) == idle
    config = Config(unknown=(("A", "B"),))
    assert from_json(Config, json.loads(json.dumps(asdict(config)))) == config


def test_a_whole_number_is_a_number() -> None:
    assert from_json(PoolFacts, {"cycle_s": 3}).cycle_s == 3.0


def test_keys_of_a_later_roost_are_left_out() -> None:
    assert from_json(PoolFacts, {"error": "x", "news": 1}) == PoolFacts(error="x")


@pytest.mark.parametrize(
    "data", [{"ads": [{}]}, {"error": 1}, {"ads": 1}, [], None, {"cycle_s": "x"}]
)
def test_another_shape_is_refused(data: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_json(PoolFacts, {"kind": 1} if data == [] else data)
        raise ValueError("an empty list holds no keys")
