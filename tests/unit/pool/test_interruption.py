"""Interrupted at any call to the engine, before or after it, a pool is mended by the next command."""

from __future__ import annotations

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import Failure, FakeEngine
from roost.engines.protocol import ContainerState
from roost.events import silent
from roost.plan import PoolPlan, plan_pool
from roost.pool.down import take_down
from roost.pool.up import bring_up
from roost.spec import PoolSpec
from tests.unit.cli.fakepool import FakePool

IMAGES = {role: f"roost-{role}:1" for role in Role}
MOST_CALLS = 200


def make() -> tuple[FakeEngine, PoolPlan]:
    answers = FakePool()
    engine = FakeEngine(images={image: {} for image in IMAGES.values()}, on_exec=answers)
    answers.engine = engine
    return engine, plan_pool(PoolSpec(name="lab", executors=2), IMAGES)


def is_whole(engine: FakeEngine, plan: PoolPlan) -> bool:
    """Every node runs, and holds its credential."""
    containers = {c.name: c for c in engine.list_containers({contract.LABEL_POOL: plan.pool})}
    return all(
        containers[node.container.name].state is ContainerState.RUNNING for node in plan.nodes
    ) and all(
        contract.TOKEN_FILE in engine.files(node.container.name)
        for node in plan.nodes
        if node.role is not Role.MASTER
    )


def left_of(engine: FakeEngine, plan: PoolPlan) -> list[str]:
    labels = {contract.LABEL_POOL: plan.pool}
    things = [*engine.list_containers(labels), *engine.list_networks(labels)]
    return [thing.name for thing in [*things, *engine.list_volumes(labels)]]


def interrupt(engine: FakeEngine, at: int, *, after: bool) -> None:
    engine.failure = Failure(len(engine.calls) + at, KeyboardInterrupt(), after=after)


def up(engine: FakeEngine, plan: PoolPlan) -> None:
    bring_up(engine, plan, silent, timeout_s=5)


@pytest.mark.parametrize("after", [False, True])
def test_up_is_mended_by_up(after: bool) -> None:
    interrupted = 0
    for at in range(1, MOST_CALLS):
        engine, plan = make()
        interrupt(engine, at, after=after)
        try:
            up(engine, plan)
        except KeyboardInterrupt:
            interrupted += 1
        else:
            break  # there are no more calls to interrupt
        finally:
            engine.failure = None
        up(engine, plan)
        assert is_whole(engine, plan), f"interrupted at call {at}"
    assert interrupted > 20, "the sweep went over all of it"


@pytest.mark.parametrize("after", [False, True])
def test_up_is_mended_by_down(after: bool) -> None:
    interrupted = 0
    for at in range(1, MOST_CALLS):
        engine, plan = make()
        interrupt(engine, at, after=after)
        try:
            up(engine, plan)
        except KeyboardInterrupt:
            interrupted += 1
        else:
            break
        finally:
            engine.failure = None
        take_down(engine, plan.pool, silent, keep_data=False)
        assert left_of(engine, plan) == [], f"interrupted at call {at}"
    assert interrupted > 20


@pytest.mark.parametrize("after", [False, True])
def test_down_is_mended_by_down(after: bool) -> None:
    interrupted = 0
    for at in range(1, MOST_CALLS):
        engine, plan = make()
        up(engine, plan)
        interrupt(engine, at, after=after)
        try:
            take_down(engine, plan.pool, silent, keep_data=False)
        except KeyboardInterrupt:
            interrupted += 1
        else:
            break
        finally:
            engine.failure = None
        take_down(engine, plan.pool, silent, keep_data=False)
        assert left_of(engine, plan) == [], f"interrupted at call {at}"
    assert interrupted > 8
