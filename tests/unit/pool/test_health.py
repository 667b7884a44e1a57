"""Health as the master tells it, and as nodes tell it themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from roost import contract
from roost.contract import HealthState, Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import ContainerSpec, File
from roost.plan.names import node_labels
from roost.pool.health import MOST_FILES, NodeHealth, look_at_health, worse

HEALTHY = {"state": "healthy", "reasons": []}
NAME = contract.HEALTH_FILE.rpartition("/")[2]


def make(engine: FakeEngine, node: str, told: dict[str, Any] | None = None) -> None:
    engine.ensure_network("net", {})
    engine.ensure_container(
        ContainerSpec(
            name=f"lab-{node}", image="image", hostname=node, network="net",
            labels=node_labels("lab", node, Role.EXECUTE),
        )
    )  # fmt: skip
    engine.start(f"lab-{node}")
    if told:
        data = json.dumps({"checked": 100.0, **told}).encode()
        engine.put_files(f"lab-{node}", contract.STATE_DIR, [File(NAME, data)])


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(images={"image": {}})


def look(engine: FakeEngine, **health: dict[str, Any]) -> dict[str, NodeHealth]:
    containers = engine.list_containers({contract.LABEL_POOL: "lab"})
    return look_at_health(engine, containers, {"health": health, "now": 110.0})


def fetched(engine: FakeEngine) -> int:
    return sum(call.method == "get_archive" for call in engine.calls)


def test_a_healthy_pool_costs_nothing_more(engine: FakeEngine) -> None:
    make(engine, "a")
    assert look(engine, a=HEALTHY) == {"a": NodeHealth(HealthState.HEALTHY)}
    assert fetched(engine) == 0


def test_a_node_knows_better_what_is_wrong_with_it(engine: FakeEngine) -> None:
    make(engine, "a", {"state": "degraded", "reasons": ["it ended 3 s ago", "x"]})
    seen = look(engine, a={"state": "degraded", "reasons": ["it is down"]})
    assert seen["a"].state is HealthState.DEGRADED
    assert seen["a"].reason == "it ended 3 s ago; x"


def test_what_the_master_misses_is_told_too(engine: FakeEngine) -> None:
    make(engine, "a", HEALTHY)
    seen = look(engine, a={"state": "unhealthy", "reasons": ["not heard of"]})
    assert seen["a"].reason == "not heard of"


def test_a_node_that_the_master_does_not_know_tells_itself(engine: FakeEngine) -> None:
    make(engine, "a", {"state": "starting", "reasons": ["HTCondor starts"]})
    make(engine, "b")
    assert {node: health.reason for node, health in look(engine).items()} == {
        "a": "HTCondor starts"
    }


def test_what_nobody_keeps_up_to_date_is_not_told(engine: FakeEngine) -> None:
    make(engine, "a", {"state": "healthy", "reasons": [], "checked": 10.0})
    assert look(engine) == {}


def test_a_node_whose_check_fails_is_asked_though_the_master_is_content(engine: FakeEngine) -> None:
    make(engine, "a", {"state": "unhealthy", "reasons": ["the disk is full"]})
    make(engine, "b", {"state": "healthy", "reasons": [], "checked": 10.0})
    for name in ("lab-a", "lab-b"):
        engine.fail_check(name)
    seen = look(engine, a=HEALTHY, b=HEALTHY)
    assert seen["a"].reason == "the disk is full"
    assert seen["b"].reason == "its HEALTHCHECK fails", "nobody looks there any more"


def test_a_node_that_does_not_run_has_no_health(engine: FakeEngine) -> None:
    make(engine, "a")
    engine.stop("lab-a")
    assert look(engine, a=HEALTHY) == {}


def test_of_a_large_pool_in_trouble_some_nodes_are_asked(engine: FakeEngine) -> None:
    nodes = [f"n{number}" for number in range(MOST_FILES + 5)]
    for node in nodes:
        make(engine, node)
    seen = look(engine, **{node: {"state": "unhealthy", "reasons": ["gone"]} for node in nodes})
    assert len(seen) == len(nodes)
    assert fetched(engine) == MOST_FILES


@pytest.mark.parametrize(
    "told", [None, [], {}, {"state": "odd", "reasons": []}, {"state": "healthy"}]
)
def test_what_makes_no_sense_is_not_known(told: object) -> None:
    assert NodeHealth.parse(told) is None


def test_of_two_the_worse_counts() -> None:
    own, master = NodeHealth(HealthState.STARTING), NodeHealth(HealthState.DEGRADED)
    assert worse(own, master) is master
    assert worse(own, None) is own
    assert worse(own, NodeHealth(HealthState.STARTING, ("x",))) is own
