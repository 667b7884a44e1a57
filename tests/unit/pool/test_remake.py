"""``up`` of executors that have changed: they finish their jobs before they are made anew."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import Call, FakeEngine
from roost.engines.protocol import Container, ContainerState, ExecResult
from roost.errors import ConflictError, RoostError
from roost.events import silent
from roost.plan import PoolPlan, plan_pool
from roost.pool.up import UpResult, bring_up
from roost.spec import PoolSpec, overlay
from tests.unit.cli.fakepool import FakePool

IMAGES = {role: f"roost-{role}:1" for role in Role}
SPEC = PoolSpec(name="lab", executors=2)
PLAN = plan_pool(SPEC, IMAGES)
CHANGED = plan_pool(overlay(SPEC, cpus=4), IMAGES)
NEW_IMAGES = plan_pool(SPEC, {role: f"roost-{role}:2" for role in Role})
EXECUTORS = ["lab-execute-1", "lab-execute-2"]
DRAINED = ExecResult(0, b'{"drained_after_s": 1.0}', b"")


@pytest.fixture
def answers() -> FakePool:
    answers = FakePool()
    images: dict[str, dict[str, str]] = {
        f"roost-{role}:{number}": {} for role in Role for number in (1, 2)
    }
    answers.engine = FakeEngine(images=images, on_exec=answers)
    up(answers.engine, PLAN)
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
    found = []
    for call in engine.calls:
        if call.arguments.get("name") != name:
            continue
        if call.method == "exec":
            found.append(word(call))
        elif call.method in told:
            found.append(told[call.method])
    return found


def test_an_executor_that_has_changed_finishes_its_jobs_first(engine: FakeEngine) -> None:
    former = ids(engine)
    assert up(engine).recreated == ("execute-1", "execute-2")
    for name in EXECUTORS:
        assert story(engine, name) == ["start", "drain", "stop", "remove", "start"]
        assert is_changed(engine, name)
        assert contract.TOKEN_FILE in engine.files(name)
    assert {name for name, one in ids(engine).items() if former[name] != one} == set(EXECUTORS)


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
    former = ids(engine)
    answers.answers["drain"] = lambda *_: ExecResult(1, b"", b"the startd does not answer")
    with pytest.raises(RoostError, match=r"execute-\d cannot finish.*does not answer") as caught:
        up(engine)
    assert ids(engine) == former
    assert "fake stop lab-execute-" in str(caught.value.hint)
    for name in EXECUTORS:
        engine.stop(name)
    assert up(engine).recreated == ("execute-1", "execute-2"), "as the hint says"


def test_one_for_which_there_is_no_token_stays_as_it_was(
    answers: FakePool, engine: FakeEngine
) -> None:
    former = ids(engine)
    answers.answers["issue"] = lambda *_: ExecResult(1, b"", b"no room for tokens")
    with pytest.raises(RoostError, match="no room for tokens"):
        up(engine)
    assert ids(engine) == former


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
    with pytest.raises(ConflictError, match="not of pool lab"):
        up(engine)
    found = engine.find_container(EXECUTORS[0])
    assert found
    assert contract.LABEL_POOL not in found.labels
