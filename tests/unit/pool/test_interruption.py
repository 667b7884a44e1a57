"""Interrupted at any call to the engine, before or after it, a pool is mended by the next command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Event, Thread, current_thread

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import Failure, FakeEngine
from roost.engines.protocol import Container, ContainerState, ExecResult
from roost.events import silent
from roost.plan import PoolPlan, plan_pool
from roost.pool.down import take_down
from roost.pool.up import bring_up, observe
from roost.spec import PoolSpec, overlay
from tests.unit.cli.fakepool import FakePool

IMAGES = {role: f"roost-{role}:1" for role in Role}
SPEC = PoolSpec(name="lab", executors=2)
CHANGED = plan_pool(overlay(SPEC, cpus=4, memory_mb=512), IMAGES)
MOST_CALLS = 200


def make() -> tuple[FakeEngine, PoolPlan]:
    answers = FakePool()
    engine = FakeEngine(images={image: {} for image in IMAGES.values()}, on_exec=answers)
    answers.engine = engine
    return engine, plan_pool(SPEC, IMAGES)


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
    return [
        *(container.name for container in engine.list_containers(labels)),
        *(network.name for network in engine.list_networks(labels)),
        *(volume.name for volume in engine.list_volumes(labels)),
    ]


def interrupt(engine: FakeEngine, at: int, *, after: bool) -> None:
    engine.failure = Failure(len(engine.calls) + at, KeyboardInterrupt(), after=after)


def up(engine: FakeEngine, plan: PoolPlan) -> None:
    bring_up(engine, plan, silent, timeout_s=5)


def down(engine: FakeEngine, plan: PoolPlan) -> None:
    take_down(engine, plan.pool, silent, keep_data=False)


def sweep(
    act: Callable[[FakeEngine, PoolPlan], None], *, after: bool, first_up: bool = False
) -> Iterator[tuple[FakeEngine, PoolPlan]]:
    """The engine as it is after ``act`` was interrupted at its first call, at its second, ..."""
    for at in range(1, MOST_CALLS):
        engine, plan = make()
        if first_up:
            up(engine, plan)
        interrupt(engine, at, after=after)
        try:
            act(engine, plan)
        except KeyboardInterrupt:
            engine.failure = None
            yield engine, plan
        else:
            return  # there are no more calls to interrupt
    raise AssertionError(f"more than {MOST_CALLS} calls: the sweep did not reach the end")


@pytest.mark.parametrize("after", [False, True])
def test_up_is_mended_by_up(after: bool) -> None:
    number = 0
    for number, (engine, plan) in enumerate(sweep(up, after=after), start=1):
        up(engine, plan)
        assert is_whole(engine, plan), f"interrupted at call {number}"
    assert number > 20, "the sweep went over all of it"


@pytest.mark.parametrize("after", [False, True])
def test_up_is_mended_by_down(after: bool) -> None:
    number = 0
    for number, (engine, plan) in enumerate(sweep(up, after=after), start=1):
        down(engine, plan)
        assert left_of(engine, plan) == [], f"interrupted at call {number}"
    assert number > 20


@pytest.mark.parametrize("after", [False, True])
def test_down_is_mended_by_down(after: bool) -> None:
    number = 0
    for number, (engine, plan) in enumerate(sweep(down, after=after, first_up=True), start=1):
        down(engine, plan)
        assert left_of(engine, plan) == [], f"interrupted at call {number}"
    assert number > 8


@pytest.mark.parametrize("after", [False, True])
def test_a_change_is_mended_by_up(after: bool) -> None:
    def change(engine: FakeEngine, _plan: PoolPlan) -> None:
        up(engine, CHANGED)

    number = 0
    sweeps = sweep(change, after=after, first_up=True)
    for number, (engine, _) in enumerate(sweeps, start=1):
        up(engine, CHANGED)
        assert is_whole(engine, CHANGED), f"interrupted at call {number}"
        assert observe(engine, CHANGED).nothing_to_do, f"interrupted at call {number}"
    assert number > 20


def test_ctrl_c_ends_a_drain_whose_jobs_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = FakePool()
    engine = FakeEngine(images={image: {} for image in IMAGES.values()}, on_exec=answers)
    answers.engine = engine
    plan = plan_pool(SPEC, IMAGES)
    up(engine, plan)
    asked, over, threads_of_drain = Event(), Event(), list[Thread]()

    def drain(_container: Container, _argv: Sequence[str]) -> ExecResult:
        threads_of_drain.append(current_thread())
        asked.set()
        assert over.wait(30)
        return ExecResult(0, b'{"drained_after_s": 1.0}', b"")

    class InterruptedQueue(SimpleQueue[object]):
        def get(self, block: bool = True, timeout: float | None = None) -> object:
            assert asked.wait(30)
            raise KeyboardInterrupt

    answers.answers["drain"] = drain
    monkeypatch.setattr("roost.pool.drain.SimpleQueue", InterruptedQueue)
    with pytest.raises(KeyboardInterrupt):
        up(engine, plan_pool(PoolSpec(name="lab", executors=1), IMAGES))
    assert not over.is_set(), "nobody waited for the jobs"
    over.set()
    for thread in threads_of_drain:
        thread.join(30)
    assert is_whole(engine, plan), "what has drained after that stays"
