"""``up`` of executors that have changed: they finish their jobs before they are made anew."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from threading import Barrier, Event

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import Call, FakeEngine
from roost.engines.protocol import Container, ContainerSpec, ContainerState, ExecResult
from roost.errors import EngineError, RoostError
from roost.events import silent
from roost.plan import PoolPlan, plan_pool
from roost.pool.down import take_down
from roost.pool.threads import AT_ONCE
from roost.pool.up import UpResult, bring_up
from roost.spec import PoolSpec, overlay
from tests.unit.cli.fakepool import FakePool

IMAGES = {role: f"roost-{role}:1" for role in Role}
SPEC = PoolSpec(name="lab", executors=2)
PLAN = plan_pool(SPEC, IMAGES)
CHANGED = plan_pool(overlay(SPEC, cpus=4), IMAGES)
NEW_IMAGES = plan_pool(SPEC, {role: f"roost-{role}:2" for role in Role})
EXECUTORS = ["lab-execute-1", "lab-execute-2"]
FORMER: dict[str, str] = {}
"""Ids of the first containers."""
DRAINED = ExecResult(0, b'{"drained_after_s": 1.0}', b"")


@pytest.fixture
def answers() -> FakePool:
    answers = FakePool()
    images: dict[str, dict[str, str]] = {
        f"roost-{role}:{number}": {} for role in Role for number in (1, 2)
    }
    answers.engine = FakeEngine(images=images, on_exec=answers)
    up(answers.engine, PLAN)
    FORMER.update(ids(answers.engine))
    return answers


@pytest.fixture
def engine(answers: FakePool) -> FakeEngine:
    return answers.engine


def up(engine: FakeEngine, plan: PoolPlan = CHANGED) -> UpResult:
    return bring_up(engine, plan, silent, timeout_s=5)


def ids(engine: FakeEngine) -> dict[str, str]:
    return {one.name: one.id for one in engine.list_containers({contract.LABEL_POOL: "lab"})}


def is_changed(engine: FakeEngine, name: str) -> bool:
    (node,) = [node for node in CHANGED.nodes if node.container.name == name]
    found = engine.find_container(name)
    return found is not None and found.labels[contract.LABEL_DIGEST] == node.digest


def word(call: Call) -> str:
    """Of ``roost-node``, in a container."""
    argv = call.arguments["argv"]
    assert isinstance(argv, list)
    return str(argv[1])


def story(engine: FakeEngine, name: str) -> list[str]:
    """What was done to a container, in order, since it was made."""
    told = {"stop": "stop", "remove_container": "remove", "start": "start"}
    found, names = [], {name, FORMER[name]}
    for call in engine.calls:
        if call.arguments.get("name") not in names:
            continue
        if call.method == "exec":
            found.append(word(call))
        elif call.method in told:
            found.append(told[call.method])
    return found


def test_an_executor_that_has_changed_finishes_its_jobs_first(engine: FakeEngine) -> None:
    assert up(engine).recreated == ("execute-1", "execute-2")
    for name in EXECUTORS:
        assert story(engine, name) == ["start", "drain", "stop", "remove", "start"]
        assert is_changed(engine, name)
        assert contract.TOKEN_FILE in engine.files(name)
    assert {name for name, one in ids(engine).items() if FORMER[name] != one} == set(EXECUTORS)


def test_it_waits_until_the_nodes_that_jobs_need_are_new(engine: FakeEngine) -> None:
    begun = len(engine.calls)
    assert len(up(engine, NEW_IMAGES).recreated) == 4
    done = engine.calls[begun:]
    drains = [at for at, call in enumerate(done) if call.method == "exec" and word(call) == "drain"]
    before = done[: drains[0]]
    started = [call.arguments["name"] for call in before if call.method == "start"]
    assert started == ["lab-master", "lab-submit"]
    assert len(drains) == 2
    assert "drain" not in story(engine, "lab-submit"), "the queue outlives its container"


def test_one_is_made_anew_while_another_still_drains(answers: FakePool, engine: FakeEngine) -> None:
    remade, start = Event(), engine.start

    def drain(container: Container, _argv: Sequence[str]) -> ExecResult:
        assert container.name != EXECUTORS[0] or remade.wait(30), "the other waits for this one"
        return DRAINED

    def started(name: str) -> None:
        start(name)
        if name == EXECUTORS[1]:
            remade.set()

    answers.answers["drain"] = drain
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "start", started)
        up(engine)
    assert all(is_changed(engine, name) for name in EXECUTORS)


@pytest.mark.parametrize("state", [ContainerState.EXITED, ContainerState.RESTARTING])
def test_one_that_does_not_run_is_made_anew_at_once(
    engine: FakeEngine, state: ContainerState
) -> None:
    engine.crash(EXECUTORS[0], 1, restarting=state is ContainerState.RESTARTING)
    up(engine)
    assert "drain" not in story(engine, EXECUTORS[0])
    assert is_changed(engine, EXECUTORS[0])


def test_one_that_cannot_drain_stays_as_it_was(answers: FakePool, engine: FakeEngine) -> None:
    answers.answers["drain"] = lambda *_: ExecResult(1, b"", b"the startd does not answer")
    with pytest.raises(RoostError, match=r"execute-\d has not finished.*not answer") as caught:
        up(engine)
    assert ids(engine) == FORMER
    assert "fake stop lab-execute-" in str(caught.value.hint)
    for name in EXECUTORS:
        engine.stop(name)
    assert up(engine).recreated == ("execute-1", "execute-2"), "as the hint says"


def test_one_for_which_there_is_no_token_stays_as_it_was(
    answers: FakePool, engine: FakeEngine
) -> None:
    answers.answers["issue"] = lambda *_: ExecResult(1, b"", b"no room for tokens")
    with pytest.raises(RoostError, match="no room for tokens"):
        up(engine)
    assert ids(engine) == FORMER
    del answers.answers["issue"]
    assert up(engine).recreated == ("execute-1", "execute-2")


def test_another_up_has_made_it_anew_meanwhile(answers: FakePool, engine: FakeEngine) -> None:
    made: dict[str, str] = {}

    def drain(container: Container, _argv: Sequence[str]) -> ExecResult:
        (node,) = [node for node in CHANGED.nodes if node.container.name == container.name]
        engine.remove_container(container.name)
        made[container.name] = engine.ensure_container(node.container).id
        engine.start(container.name)
        return ExecResult(1, b"", b"it was stopped")

    answers.answers["drain"] = drain
    up(engine)
    assert {name: ids(engine)[name] for name in EXECUTORS} == made


def test_somebody_else_has_taken_its_name_meanwhile(answers: FakePool, engine: FakeEngine) -> None:
    def drain(container: Container, _argv: Sequence[str]) -> ExecResult:
        (node,) = [node for node in PLAN.nodes if node.container.name == container.name]
        engine.remove_container(container.name)
        engine.ensure_container(type(node.container)(**{**vars(node.container), "labels": {}}))
        return DRAINED

    answers.answers["drain"] = drain
    with pytest.raises(RoostError, match="was made otherwise while"):
        up(engine)
    found = engine.find_container(EXECUTORS[0])
    assert found
    assert contract.LABEL_POOL not in found.labels


def test_where_an_engine_fails_the_same_again_is_right(
    answers: FakePool, engine: FakeEngine
) -> None:
    def break_off(*_: object) -> ExecResult:
        raise EngineError("connection reset")

    answers.answers["drain"] = break_off
    with pytest.raises(RoostError, match="connection reset") as caught:
        up(engine)
    assert str(caught.value.hint).startswith(
        "run the same command again, after `fake stop lab-exec"
    )
    assert ids(engine) == FORMER


def test_an_executor_that_is_stopped_need_not_finish(answers: FakePool, engine: FakeEngine) -> None:
    """Its command ends a moment before it does."""
    stopping: list[threading.Timer] = []

    def stopped(container: Container, _argv: Sequence[str]) -> ExecResult:
        stopping.append(threading.Timer(0.2, engine.stop, (container.name,)))
        stopping[-1].start()
        return ExecResult(137, b"", b"")

    answers.answers["drain"] = stopped
    assert up(engine).recreated == ("execute-1", "execute-2")
    assert len(stopping) == 2


def test_what_waits_for_its_turn_is_kept_from_taking_jobs(
    answers: FakePool, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    asked_again = Event()

    def drain(container: Container, _argv: Sequence[str]) -> ExecResult:
        asked[container.name] += 1
        if asked[container.name] > 1:
            asked_again.set()
        return DRAINED

    def stop_late(name: str) -> None:
        assert asked_again.wait(30)
        stop(name)

    stop = engine.stop
    answers.answers["drain"] = drain
    monkeypatch.setattr("roost.pool.drain.AT_ONCE", 1)
    monkeypatch.setattr("roost.pool.drain._OFF_S", 0.05)
    monkeypatch.setattr(engine, "stop", stop_late)
    up(engine)
    assert sorted(min(count, 2) for count in asked.values()) == [1, 2]


def test_what_is_being_made_anew_comes_to_its_end_before_a_failure_is_told(
    answers: FakePool, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_room = Event()

    def drain(container: Container, _argv: Sequence[str]) -> ExecResult:
        if container.name == EXECUTORS[0]:
            return DRAINED
        assert made_room.wait(30)
        return ExecResult(1, b"", b"the startd does not answer")

    def remove(name: str) -> None:
        take(name)
        made_room.set()
        time.sleep(0.3)

    take = engine.remove_container
    answers.answers["drain"] = drain
    monkeypatch.setattr("roost.pool.drain._END_S", 0.0)
    monkeypatch.setattr(engine, "remove_container", remove)
    with pytest.raises(RoostError, match="execute-2 has not finished"):
        up(engine)
    assert is_changed(engine, EXECUTORS[0])


def test_what_cannot_be_made_anew_is_told_while_others_work(
    answers: FakePool, engine: FakeEngine
) -> None:
    """And they go on."""
    over = Event()

    def drain(container: Container, _argv: Sequence[str]) -> ExecResult:
        assert container.name != EXECUTORS[0] or over.wait(30)
        return DRAINED

    def refuse(spec: ContainerSpec) -> Container:
        raise EngineError(f"creating container {spec.name}: range of CPUs is from 0.01 to 2")

    answers.answers["drain"] = drain
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "ensure_container", refuse)
        with pytest.raises(EngineError, match=r"lab-execute-2: range of CPUs"):
            up(engine)
    waiting = [one for one in threading.enumerate() if one.name == "drain execute-1"]
    assert len(waiting) == 1
    over.set()
    waiting[0].join(30)
    assert not waiting[0].is_alive(), "nobody keeps it off any more"
    assert ids(engine)[EXECUTORS[0]] == FORMER[EXECUTORS[0]]


def test_any_number_waits_at_once(answers: FakePool, engine: FakeEngine) -> None:
    many = overlay(SPEC, executors=3 * AT_ONCE)
    up(engine, plan_pool(many, IMAGES))
    all_wait = Barrier(3 * AT_ONCE)

    def drain(*_: object) -> ExecResult:
        all_wait.wait(30)
        return DRAINED

    answers.answers["drain"] = drain
    assert len(up(engine, plan_pool(overlay(many, cpus=4), IMAGES)).recreated) == 3 * AT_ONCE


def test_surplus_ones_and_changed_ones_finish_at_once(
    answers: FakePool, engine: FakeEngine
) -> None:
    both_wait = Barrier(2)

    def drain(*_: object) -> ExecResult:
        both_wait.wait(30)
        return DRAINED

    answers.answers["drain"] = drain
    result = up(engine, plan_pool(overlay(SPEC, executors=1, cpus=4), IMAGES))
    assert (result.recreated, result.removed) == (("execute-1",), ("execute-2",))
    assert sorted(ids(engine)) == ["lab-execute-1", "lab-master", "lab-submit"]


def test_a_pool_that_is_taken_down_meanwhile_does_not_come_back(
    answers: FakePool, engine: FakeEngine
) -> None:
    gone = Event()

    def drain(container: Container, _argv: Sequence[str]) -> ExecResult:
        if container.name == EXECUTORS[0]:
            take_down(engine, "lab", silent, keep_data=False)
            gone.set()
        assert gone.wait(30)
        return DRAINED

    answers.answers["drain"] = drain
    with pytest.raises(RoostError, match="while the pool came up"):
        up(engine, plan_pool(overlay(SPEC, executors=1, cpus=4), IMAGES))
    assert gone.wait(30)
    assert ids(engine) == {}
    assert engine.list_volumes({contract.LABEL_POOL: "lab"}) == []


def test_a_pool_that_is_scaled_meanwhile_stays_so(answers: FakePool, engine: FakeEngine) -> None:
    begun, scaled = Event(), Event()

    def drain(container: Container, _argv: Sequence[str]) -> ExecResult:
        if container.name == EXECUTORS[0]:
            assert scaled.wait(30)
        elif not begun.is_set():
            begun.set()
            up(engine, plan_pool(overlay(SPEC, executors=1), IMAGES))
            scaled.set()
        return DRAINED

    answers.answers["drain"] = drain
    with pytest.raises(RoostError, match="what the pool is to be was changed"):
        up(engine)
    assert EXECUTORS[1] not in ids(engine)
