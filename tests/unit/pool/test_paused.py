"""``up`` of a pool of which containers are paused: they go on, whatever becomes of them then."""

from __future__ import annotations

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import ContainerState
from roost.events import silent
from roost.plan import PoolPlan, plan_pool
from roost.pool.up import UpResult, bring_up
from roost.spec import PoolSpec, overlay
from tests.unit.cli.fakepool import FakePool

IMAGES = {role: f"roost-{role}:1" for role in Role}
SPEC = PoolSpec(name="lab", executors=2)
PLAN = plan_pool(SPEC, IMAGES)


@pytest.fixture
def engine() -> FakeEngine:
    answers = FakePool()
    answers.engine = FakeEngine(images={image: {} for image in IMAGES.values()}, on_exec=answers)
    up(answers.engine)
    return answers.engine


def up(engine: FakeEngine, plan: PoolPlan = PLAN) -> UpResult:
    return bring_up(engine, plan, silent, timeout_s=5)


def states(engine: FakeEngine) -> set[ContainerState]:
    return {one.state for one in engine.list_containers({contract.LABEL_POOL: "lab"})}


@pytest.mark.parametrize("node", [node.name for node in PLAN.nodes])
def test_a_paused_node_is_started(engine: FakeEngine, node: str) -> None:
    engine.pause(f"lab-{node}")
    assert up(engine).started == (node,)
    assert states(engine) == {ContainerState.RUNNING}


def test_a_paused_pool_is_started(engine: FakeEngine) -> None:
    for node in PLAN.nodes:
        engine.pause(node.container.name)
    assert up(engine).started == tuple(node.name for node in PLAN.nodes)
    assert states(engine) == {ContainerState.RUNNING}


def test_a_paused_node_of_another_plan_is_made_anew(engine: FakeEngine) -> None:
    engine.pause("lab-execute-1")
    anew = up(engine, plan_pool(overlay(SPEC, cpus=4), IMAGES)).recreated
    assert anew == ("execute-1", "execute-2")
    assert states(engine) == {ContainerState.RUNNING}


def test_a_paused_executor_finishes_its_jobs_before_it_goes(engine: FakeEngine) -> None:
    engine.pause("lab-execute-2")
    engine.calls.clear()
    assert up(engine, plan_pool(overlay(SPEC, executors=1), IMAGES)).removed == ("execute-2",)
    asked = [call.arguments["argv"] for call in engine.calls if call.method == "exec"]
    assert [contract.NODE_PROGRAM, "drain"] in asked
