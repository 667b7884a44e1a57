"""``roost join`` on an engine in memory: what it makes, and that what fails leaves nothing behind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container, ExecResult, Port
from roost.errors import ConflictError, EngineError, RoostError, UsageError, WaitTimeoutError
from roost.events import silent
from roost.invitation import encode
from roost.plan import Away
from roost.pool import join as join_module
from roost.pool.join import JoinResult, join, node_name, plan_join, read_invite
from tests.unit.invites import make_invite

INVITE = make_invite(time.time() + 3600)
Answer = Callable[[Container, Sequence[str]], ExecResult]


def healthy(_container: Container, _argv: Sequence[str]) -> ExecResult:
    return ExecResult(0, json.dumps({"state": "healthy"}).encode(), b"")


def an_engine(answer: Answer) -> FakeEngine:
    engine = FakeEngine(registry={"roost-execute": {}}, on_exec=answer)
    engine.pull_image("roost-execute")
    return engine


def run(
    engine: FakeEngine, text: str = encode(INVITE), node: str | None = "execute-lab7"
) -> JoinResult:
    return join(
        engine,
        text,
        {Role.EXECUTE: "roost-execute"},
        silent,
        node=node,
        hostname="Lab7.example.org",
        cpus=2,
        memory_mb=1024,
        timeout_s=0.2,
    )


def left(engine: FakeEngine) -> list[str]:
    labels = {contract.LABEL_POOL: "lab"}
    found = [one.name for one in engine.list_containers(labels)]
    found += [one.name for one in engine.list_volumes(labels)]
    return found + [one.name for one in engine.list_networks(labels)]


def test_it_makes_a_node_that_finds_the_master() -> None:
    engine = an_engine(healthy)
    result = run(engine)
    assert (result.pool, result.node, result.master) == ("lab", "execute-lab7", "192.0.2.1:9618")
    files = engine.files("lab-execute-lab7")
    secret = files[contract.INVITE_FILE]
    assert (secret.data, secret.mode, secret.uid) == (f"{encode(INVITE)}\n".encode(), 0o600, 0)
    told = repr(engine.inspect("lab-execute-lab7"))
    assert f"'{contract.ENV_MASTER}': '192.0.2.1:9618'" in told
    assert f"'{contract.ENV_POOL}': 'lab'" in told
    assert f"'{contract.ENV_HOST}': '{engine.info().host}'" in told
    assert INVITE.token not in told
    assert encode(INVITE) not in told


def test_a_node_that_ends_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(container: Container, _argv: Sequence[str]) -> ExecResult:
        engine.say(container.name, "the master does not accept the invite")
        engine.crash(container.name, 1)
        return ExecResult(1, b"", b"")

    engine = an_engine(end)
    with pytest.raises(RoostError, match="does not accept the invite"):
        run(engine)
    assert left(engine) == []


def test_a_node_that_ends_just_when_it_is_asked_is_told_by_its_log() -> None:
    def end(container: Container, _argv: Sequence[str]) -> ExecResult:
        engine.say(container.name, "the master does not accept the invite")
        engine.crash(container.name, 1)
        raise EngineError("running cat: the container is restarting")

    engine = an_engine(end)
    with pytest.raises(RoostError, match="does not accept the invite"):
        run(engine)
    assert left(engine) == []


def test_a_node_that_takes_too_long_leaves_nothing() -> None:
    engine = an_engine(lambda *_: ExecResult(1, b"", b""))
    with pytest.raises(RoostError, match=r"not after 0\.2 s"):
        run(engine)
    assert left(engine) == []


def test_what_the_engine_says_is_told_where_nothing_else_is_known() -> None:
    def refuse(_container: Container, _argv: Sequence[str]) -> ExecResult:
        raise EngineError("the cgroup is frozen")

    with pytest.raises(WaitTimeoutError) as caught:
        run(an_engine(refuse))
    assert "the cgroup is frozen" in str(caught.value.last_seen)


def test_a_volume_of_somebody_else_is_left_alone() -> None:
    engine = an_engine(healthy)
    theirs = plan_join(
        INVITE, "execute-lab7", "roost-execute", 1, 512, Away("192.0.2.1", "lab7")
    ).volume
    engine.ensure_volume(theirs, {"theirs": "1"})
    with pytest.raises(ConflictError, match=theirs):
        run(engine)
    assert [one.name for one in engine.list_volumes({})] == [theirs]
    assert left(engine) == []


def test_a_network_of_somebody_else_is_left_alone() -> None:
    engine = an_engine(healthy)
    engine.ensure_network("lab-net", {"theirs": "1"})
    with pytest.raises(ConflictError, match="lab-net"):
        run(engine)
    assert [one.name for one in engine.list_networks({})] == ["lab-net"]


def test_of_two_joins_with_one_name_at_once_the_second_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine, second = an_engine(healthy), list[ConflictError]()

    def wait(*_arguments: object) -> None:
        if not second:
            with pytest.raises(ConflictError, match="is here already") as caught:
                run(engine)
            second.append(caught.value)

    monkeypatch.setattr(join_module, "_wait", wait)
    run(engine)
    assert second
    assert "lab-execute-lab7" in left(engine), "the first one's"


def test_a_node_of_that_name_is_left_alone() -> None:
    engine = an_engine(healthy)
    run(engine)
    with pytest.raises(ConflictError, match="lab-execute-lab7 is here already"):
        run(engine)
    assert "lab-execute-lab7" in left(engine)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (encode(INVITE)[:-3], "cut short"),
        (encode(INVITE).replace("invite-1", "invite-7"), "version '7'"),
        (encode(replace(INVITE, ends=time.time() - 60)), r"expired \d+ s ago"),
    ],
)
def test_bad_invites_change_nothing(text: str, said: str) -> None:
    engine = an_engine(healthy)
    engine.calls.clear()
    with pytest.raises(UsageError, match=said):
        run(engine, text)
    assert engine.calls == []
    assert read_invite(encode(INVITE), time.time()) == INVITE


def test_names_of_nodes() -> None:
    assert node_name(INVITE, "lab7", "x") == "execute-lab7"
    assert node_name(INVITE, None, "Lab 7.example.org").startswith("execute-lab-7-example-org-")
    assert node_name(INVITE, None, "x") != node_name(INVITE, None, "x"), "no other node has it"
    named = replace(INVITE, node="execute-9")
    assert node_name(named, None, "x") == "execute-9"
    with pytest.raises(UsageError, match="for node execute-9 alone"):
        node_name(named, "execute-8", "x")
    with pytest.raises(UsageError, match="no name of a node"):
        node_name(INVITE, "Lab 7", "x")


def test_a_node_with_an_address_publishes_its_port() -> None:
    plan = plan_join(
        INVITE, "execute-lab7", "roost-execute", 1, 512, Away("192.0.2.1", "lab7", "192.0.2.7")
    )
    assert plan.container.ports == (Port("192.0.2.7", 9618, 9618),)
    assert plan.container.environment[contract.ENV_ADDRESS] == "192.0.2.7"
    assert plan.container.environment[contract.ENV_HOST] == "lab7"
