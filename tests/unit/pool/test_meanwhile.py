"""What the engine or another command changes while a command works on a pool."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container, ContainerSpec, ExecResult
from roost.errors import EngineError, NotFoundError, RoostError, WaitTimeoutError
from roost.events import silent
from roost.plan import PoolPlan, plan_pool
from roost.pool.down import take_down
from roost.pool.nodes import get_node
from roost.pool.tokens.known import wait_known
from roost.pool.tokens.state import token_holders
from roost.pool.up import bring_up
from roost.spec import PoolSpec
from tests.unit.cli.fakepool import Answer, FakePool, says

IMAGES = {role: f"roost-{role}:1" for role in Role}
PLAN = plan_pool(PoolSpec(name="lab", executors=2), IMAGES)
MASTER, EXECUTOR = "lab-master", "lab-execute-2"
ENDED = r"node master ended.*\n.*the signing key is gone"


@pytest.fixture
def answers() -> FakePool:
    answers = FakePool()
    answers.engine = FakeEngine(images={image: {} for image in IMAGES.values()}, on_exec=answers)
    return answers


@pytest.fixture
def engine(answers: FakePool) -> FakeEngine:
    return answers.engine


def up(engine: FakeEngine, plan: PoolPlan = PLAN) -> None:
    bring_up(engine, plan, silent, timeout_s=5)


def container(engine: FakeEngine, name: str) -> Container:
    found = engine.find_container(name)
    assert found
    return found


def names(engine: FakeEngine) -> list[str]:
    return [one.name for one in engine.list_containers({contract.LABEL_POOL: "lab"})]


def ends(engine: FakeEngine, error: RoostError) -> Answer:
    """A node that ends just when it is asked."""

    def answer(asked: Container, _argv: Sequence[str]) -> ExecResult:
        engine.say(asked.name, "the signing key is gone")
        engine.crash(asked.name, 1)
        raise error

    return answer


# up


@pytest.mark.parametrize(
    "error", [EngineError("it is restarting"), NotFoundError("no such exec"), RoostError("no word")]
)
def test_a_master_that_ends_while_it_issues_tokens_is_told_by_its_log(
    answers: FakePool, engine: FakeEngine, error: RoostError
) -> None:
    answers.answers["issue"] = ends(engine, error)
    with pytest.raises(RoostError, match=ENDED) as caught:
        up(engine)
    assert "roost logs master" in str(caught.value.hint)


def test_a_master_that_keeps_ending_is_told_by_its_log(engine: FakeEngine) -> None:
    up(engine)
    engine.say(MASTER, "the signing key is gone")
    engine.crash(MASTER, 1, restarting=True)
    with pytest.raises(RoostError, match=ENDED):
        up(engine)


def test_what_fails_on_a_master_that_runs_keeps_its_own_words(
    answers: FakePool, engine: FakeEngine
) -> None:
    answers.answers["issue"] = lambda *_: ExecResult(1, b"", b"no room for tokens")
    with pytest.raises(RoostError, match="no room for tokens"):
        up(engine)


def test_a_node_that_keeps_ending_is_looked_at_not_started(engine: FakeEngine) -> None:
    up(engine)
    engine.crash(MASTER, 1, restarting=True)
    with pytest.raises(NotFoundError, match="it is restarting") as caught:
        get_node(engine, "lab", "master")
    assert "roost logs master" in str(caught.value.hint)


# drain

FEWER = plan_pool(PoolSpec(name="lab", executors=1), IMAGES)


def drained(answers: FakePool) -> list[str]:
    """The containers that are asked to drain."""
    asked: list[str] = []

    def answer(container: Container, _argv: Sequence[str]) -> ExecResult:
        asked.append(container.name)
        return ExecResult(0, b"{}", b"")

    answers.answers["drain"] = answer
    return asked


def test_an_executor_that_started_since_it_was_listed_finishes_its_jobs(
    answers: FakePool, engine: FakeEngine
) -> None:
    up(engine)
    engine.crash(EXECUTOR, 1, restarting=True)
    asked = drained(answers)

    def start(_master: Container, argv: Sequence[str]) -> ExecResult:
        engine.start(EXECUTOR)
        return says({"ready": argv[3:], "missing": []})

    answers.answers["watch"] = start
    up(engine, FEWER)
    assert asked == [EXECUTOR]
    assert EXECUTOR not in names(engine)


def test_an_executor_that_ends_while_it_drains_has_nothing_left_to_finish(
    answers: FakePool, engine: FakeEngine
) -> None:
    up(engine)
    answers.answers["drain"] = ends(engine, EngineError("it is restarting"))
    up(engine, FEWER)
    assert EXECUTOR not in names(engine)


def test_an_executor_that_another_command_takes_away_while_it_drains(
    answers: FakePool, engine: FakeEngine
) -> None:
    def taken_away(asked: Container, _argv: Sequence[str]) -> ExecResult:
        engine.remove_container(asked.name)
        return ExecResult(0, b"{}", b"")

    up(engine)
    answers.answers["drain"] = taken_away
    up(engine, FEWER)
    assert EXECUTOR not in names(engine)


def test_an_executor_that_does_not_drain_stays(answers: FakePool, engine: FakeEngine) -> None:
    up(engine)
    answers.answers["drain"] = lambda *_: ExecResult(1, b"", b"the startd does not answer")
    with pytest.raises(RoostError, match="the startd does not answer"):
        up(engine, FEWER)
    assert EXECUTOR in names(engine)


# down


@pytest.mark.parametrize("fails", [False, True])
def test_down_does_not_say_that_a_pool_is_gone_which_another_command_makes(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    up(engine)
    remove = engine.remove_network

    def make_another(name: str) -> None:
        executor = PLAN.nodes[-1].container
        remove(name)
        engine.ensure_network(name, PLAN.labels)
        engine.ensure_container(executor)
        if fails:
            raise EngineError("it has active endpoints")

    monkeypatch.setattr(engine, "remove_network", make_another)
    with pytest.raises(RoostError, match=f"another command made {EXECUTOR}.* meanwhile") as caught:
        take_down(engine, "lab", silent, keep_data=False)
    assert "roost down --pool lab" in str(caught.value.hint)


@pytest.mark.parametrize("call", ["remove_network", "remove_container"])
def test_down_keeps_the_engines_words_where_nobody_else_is_at_work(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refuse(_name: str) -> None:
        raise EngineError("it is busy")

    up(engine)
    monkeypatch.setattr(engine, call, refuse)
    with pytest.raises(EngineError, match="it is busy"):
        take_down(engine, "lab", silent, keep_data=False)


def test_two_downs_that_keep_the_data(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    up(engine)
    stop = engine.stop

    def gone_first(name: str) -> None:
        engine.remove_container(name)
        stop(name)

    monkeypatch.setattr(engine, "stop", gone_first)
    result = take_down(engine, "lab", silent, keep_data=True)
    assert len(result.kept_volumes) == len(PLAN.nodes)


# tokens


def test_a_node_that_goes_away_is_not_waited_for(answers: FakePool, engine: FakeEngine) -> None:
    watched: list[list[str]] = []

    def watch(_master: Container, argv: Sequence[str]) -> ExecResult:
        watched.append(list(argv[3:]))
        engine.remove_container(EXECUTOR)
        return ExecResult(int(len(watched) == 1), b"", b"")

    up(engine)
    answers.answers["watch"] = watch
    wait_known(engine, "lab", token_holders(engine, "lab"))
    assert watched == [
        ["execute:execute-1", "execute:execute-2", "submit:submit"],
        ["execute:execute-1", "submit:submit"],
    ]


def test_a_node_that_never_logs_in_is_named_a_failure(
    answers: FakePool, engine: FakeEngine
) -> None:
    up(engine)
    answers.answers["watch"] = lambda *_: ExecResult(1, b'{"missing": ["execute:execute-2"]}', b"")
    with pytest.raises(WaitTimeoutError, match="after 300 s") as caught:
        wait_known(engine, "lab", token_holders(engine, "lab"))
    assert "execute-2" in str(caught.value.last_seen)


def test_nothing_is_waited_for_where_nothing_runs(answers: FakePool, engine: FakeEngine) -> None:
    up(engine)
    answers.answers["watch"] = lambda *_: ExecResult(1, b"", b"")
    wait_known(engine, "lab", [])


def test_another_up_makes_a_node_otherwise(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = plan_pool(PoolSpec(name="lab", executors=2, memory_mb=512), IMAGES)
    ensure = engine.ensure_container

    def made_otherwise(spec: ContainerSpec) -> Container:
        if spec.name == EXECUTOR:
            (node,) = [node for node in other.nodes if node.container.name == EXECUTOR]
            ensure(node.container)
        return ensure(spec)

    monkeypatch.setattr(engine, "ensure_container", made_otherwise)
    with pytest.raises(RoostError, match=f"{EXECUTOR} was made otherwise while") as caught:
        up(engine)
    assert (
        caught.value.hint == "another command works on this pool; run `roost up --pool lab` again"
    )


def test_another_up_takes_a_node_away(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    start = engine.start

    def taken_away(name: str) -> None:
        if name == EXECUTOR:
            engine.remove_container(name)
        start(name)

    monkeypatch.setattr(engine, "start", taken_away)
    with pytest.raises(RoostError, match=f"{EXECUTOR} was removed while"):
        up(engine)


def test_an_image_that_is_gone_says_so_itself(engine: FakeEngine) -> None:
    missing = plan_pool(PoolSpec(name="lab", executors=2), {**IMAGES, Role.EXECUTE: "gone"})
    with pytest.raises(NotFoundError, match="gone"):
        up(engine, missing)
