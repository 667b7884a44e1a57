"""Tokens and keys of a pool on the engine in memory: revoked, rotated, interrupted anywhere."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import Failure, FakeEngine
from roost.errors import NotFoundError, RoostError
from roost.events import Recorder, silent
from roost.nodefacts import Token
from roost.nodefacts import TokenState as Seen
from roost.plan import PoolPlan, plan_pool
from roost.pool.tokens import (
    TokenState,
    list_tokens,
    readmit_node,
    revoke_node,
    rotate_key,
)
from roost.pool.tokens.list import list_from
from roost.pool.tokens.state import Issued, MasterState, parse_state
from roost.pool.up import bring_up
from roost.spec import PoolSpec
from tests.unit.cli.fakepool import FakePool
from tests.unit.cli.faketokens import FakeTokens

IMAGES = {role: f"roost-{role}:1" for role in Role}
NODES = ["submit", "execute-1", "execute-2"]
MOST_CALLS = 100


class Lab(NamedTuple):
    engine: FakeEngine
    plan: PoolPlan
    tokens: FakeTokens

    def held(self) -> dict[str, str]:
        """The key of each node's token."""
        found = {}
        for node in NODES:
            data = self.engine.files(f"lab-{node}")[contract.TOKEN_FILE].data
            assert isinstance(data, bytes)
            found[node] = data.decode().split()[0]
        return found

    def rotated(self) -> bool:
        tokens = self.tokens
        return (
            tokens.issuer != "key-1"
            and tokens.keys == [tokens.issuer]
            and set(self.held().values()) == {tokens.issuer}
            and not tokens.sessions_to_drop
        )


@pytest.fixture
def lab() -> Lab:
    return make()


def make() -> Lab:
    answers = FakePool()
    engine = FakeEngine(images={image: {} for image in IMAGES.values()}, on_exec=answers)
    answers.engine = engine
    plan = plan_pool(PoolSpec(name="lab", executors=2), IMAGES)
    bring_up(engine, plan, silent, timeout_s=5)
    return Lab(engine, plan, answers.tokens)


def test_a_rotation(lab: Lab) -> None:
    told = Recorder()
    result = rotate_key(lab.engine, "lab", told)
    assert lab.rotated()
    assert result.key == lab.tokens.issuer
    assert sorted(result.reissued) == sorted(NODES)
    assert (result.deleted, result.waiting, result.continued) == (("key-1",), {}, False)
    assert told.done_steps() == ["key", "tokens", "old keys", "sessions"]
    assert lab.tokens.asked == ["rotate", "retire", "drop-sessions"]


@pytest.mark.parametrize("mend", ["rotate", "up"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_rotation_that_was_interrupted_is_ended_by_the_next_command(
    after: bool, mend: str
) -> None:
    ended = 0
    for at in range(1, MOST_CALLS):
        lab = make()
        lab.engine.failure = Failure(len(lab.engine.calls) + at, KeyboardInterrupt(), after=after)
        try:
            rotate_key(lab.engine, "lab", silent)
        except KeyboardInterrupt:
            ended += 1
        else:
            break
        assert set(lab.held().values()) <= set(lab.tokens.keys), "every token is still taken"
        if mend == "rotate":
            rotate_key(lab.engine, "lab", silent)
        else:
            bring_up(lab.engine, lab.plan, silent, timeout_s=5)
        is_begun = "rotate" in lab.tokens.asked
        assert lab.rotated() or not is_begun, f"interrupted at call {at}"
    assert 5 < ended < MOST_CALLS - 1


def test_a_node_elsewhere_keeps_the_old_key_alive(lab: Lab) -> None:
    lab.tokens.elsewhere["execute-9"] = "key-1"
    result = rotate_key(lab.engine, "lab", silent)
    assert result.waiting == {"key-1": ("execute-9",)}
    assert result.deleted == ()
    assert "key-1" in lab.tokens.keys
    assert "drop-sessions" not in lab.tokens.asked
    lab.tokens.elsewhere["execute-9"] = lab.tokens.issuer
    again = rotate_key(lab.engine, "lab", silent)
    assert again.continued
    assert (again.reissued, again.deleted) == ((), ("key-1",))
    assert again.key == result.key
    assert lab.rotated()


def test_a_node_that_does_not_take_its_token_keeps_the_old_key_alive(lab: Lab) -> None:
    lab.tokens.stubborn.add("execute-1")
    with pytest.raises(RoostError, match=r"execute-1: .*does not take the new token") as caught:
        rotate_key(lab.engine, "lab", silent)
    assert "rotate again" in (caught.value.hint or "")
    assert lab.held()["execute-1"] == "key-1" in lab.tokens.keys
    assert lab.held()["execute-2"] == lab.tokens.issuer, "the others have theirs"
    lab.tokens.stubborn.clear()
    assert rotate_key(lab.engine, "lab", silent).reissued == ("execute-1",)
    assert lab.rotated()


def test_a_revoked_node_takes_no_part_in_a_rotation(lab: Lab) -> None:
    revoke_node(lab.engine, "lab", "execute-1", silent)
    result = rotate_key(lab.engine, "lab", silent)
    assert "execute-1" not in result.reissued
    assert lab.held()["execute-1"] == "key-1"
    assert lab.tokens.keys == [lab.tokens.issuer]


def test_revoking_an_executor_asks_the_submit_node_for_its_jobs(lab: Lab) -> None:
    lab.tokens.running["execute-1"] = 3
    result = revoke_node(lab.engine, "lab", "execute-1", silent)
    assert (result.released, result.here) == (3, True)
    assert result.identity == "execute-1@lab.pool"
    released = [
        call.arguments["name"]
        for call in lab.engine.calls
        if call.method == "exec" and "release" in str(call.arguments["argv"])
    ]
    assert released == ["lab-submit"]


def test_revoking_a_submit_node_asks_the_executors(lab: Lab) -> None:
    revoke_node(lab.engine, "lab", "submit", silent)
    released = {
        call.arguments["name"]
        for call in lab.engine.calls
        if call.method == "exec" and "release" in str(call.arguments["argv"])
    }
    assert released == {"lab-execute-1", "lab-execute-2"}


def test_only_nodes_that_there_are_can_be_revoked(lab: Lab) -> None:
    with pytest.raises(NotFoundError, match="no node 'execute-7' with a token"):
        revoke_node(lab.engine, "lab", "execute-7", silent)
    with pytest.raises(RoostError, match="the master has no token"):
        revoke_node(lab.engine, "lab", "master", silent)
    assert lab.tokens.revoked == {}
    lab.tokens.elsewhere["execute-7"] = "key-1"
    assert not revoke_node(lab.engine, "lab", "execute-7", silent).here


def test_up_does_not_let_a_revoked_node_in_again(lab: Lab) -> None:
    revoke_node(lab.engine, "lab", "execute-1", silent)
    with pytest.raises(RoostError, match="execute-1 of pool lab is revoked") as caught:
        bring_up(lab.engine, lab.plan, silent, timeout_s=5)
    assert "roost token revoke --undo execute-1" in (caught.value.hint or "")
    for container in ("lab-execute-1", "lab-master"):
        lab.engine.stop(container)
        with pytest.raises(RoostError, match="revoked"):
            bring_up(lab.engine, lab.plan, silent, timeout_s=5)


def test_undoing_gives_a_new_token(lab: Lab) -> None:
    revoke_node(lab.engine, "lab", "execute-1", silent)
    before = lab.engine.files("lab-execute-1")[contract.TOKEN_FILE].data
    assert readmit_node(lab.engine, "lab", "execute-1", silent)
    assert lab.engine.files("lab-execute-1")[contract.TOKEN_FILE].data != before
    assert bring_up(lab.engine, lab.plan, silent, timeout_s=5).kept
    assert not readmit_node(lab.engine, "lab", "execute-2", silent), "it was not revoked"


def test_undoing_reaches_a_node_that_does_not_run(lab: Lab) -> None:
    revoke_node(lab.engine, "lab", "execute-1", silent)
    lab.engine.stop("lab-execute-1")
    before = lab.engine.files("lab-execute-1")[contract.TOKEN_FILE].data
    assert readmit_node(lab.engine, "lab", "execute-1", silent)
    assert lab.engine.files("lab-execute-1")[contract.TOKEN_FILE].data != before


def test_the_list(lab: Lab) -> None:
    lab.tokens.elsewhere["execute-9"] = "key-1"
    revoke_node(lab.engine, "lab", "execute-2", silent)
    lab.engine.stop("lab-execute-1")
    found = list_tokens(lab.engine, "lab")
    assert [(one.node, one.state.value, one.here) for one in found] == [
        ("execute-1", "valid", True),
        ("execute-2", "revoked", True),
        ("execute-9", "valid", False),
        ("submit", "valid", True),
    ]
    assert "key-1 " not in str([one.to_json() for one in found]), "never the token"


STATE = MasterState(
    domain="lab.pool",
    clock=1000.0,
    issuer="key-2",
    old_keys=("key-1",),
    sessions_to_drop=False,
    issued=(Issued("execute-3@lab.pool", "key-2", 900.0, 1900.0),),
    revoked=frozenset({"execute-2@lab.pool"}),
)


@pytest.mark.parametrize(
    ("token", "state"),
    [
        (Token(Seen.READABLE, key="key-2", issued=900.0, expires=1900.0), TokenState.VALID),
        (Token(Seen.READABLE, key="key-2", issued=100.0, expires=1300.0), TokenState.EXPIRING),
        (Token(Seen.READABLE, key="key-2", issued=100.0, expires=999.0), TokenState.EXPIRED),
        (Token(Seen.READABLE, key="key-1", issued=900.0, expires=1900.0), TokenState.OLD_KEY),
        (Token(Seen.READABLE, key="key-0", issued=900.0, expires=1900.0), TokenState.UNKNOWN_KEY),
        (Token(Seen.MISSING), TokenState.MISSING),
        (Token(Seen.UNREADABLE), TokenState.UNREADABLE),
        (None, TokenState.UNKNOWN),
    ],
)
def test_what_a_token_is_worth(token: Token | None, state: TokenState) -> None:
    seen = {"execute-1": token} if token else {}
    one, two, three = list_from(STATE, ["execute-1", "execute-2"], seen)
    assert one.state is state
    assert two.state is TokenState.REVOKED
    assert (three.node, three.state, three.here) == ("execute-3", TokenState.VALID, False)


@pytest.mark.parametrize("told", [{}, [], None, {"domain": "x", "clock": "soon"}])
def test_a_master_of_another_version(told: object) -> None:
    with pytest.raises(RoostError, match="another version of Roost"):
        parse_state(told, "lab")
