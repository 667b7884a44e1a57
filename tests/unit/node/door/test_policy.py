"""Whom the door lets in, whom it shows to a person, and whom it refuses."""

from __future__ import annotations

import dataclasses

import pytest

from roost.contract import Role
from roost.node.door.ledger import Invite, Ledger, OpenRange
from roost.node.door.policy import (
    MOST_PER_ADDRESS,
    MOST_STRANGERS,
    STRANGER,
    Answer,
    Door,
    decide,
    find_problem,
    role_of_identity,
    select,
)
from roost.node.door.requests import TokenRequest

NOW = 1_800_000_000.0
EXECUTE = ("ADVERTISE_STARTD", "ADVERTISE_MASTER", "READ")
SUBMIT = ("ADVERTISE_SCHEDD", "ADVERTISE_MASTER", "READ")
INVITED = "invite-0a1b@lab.pool"


def request(identity: str = "execute-lab7@lab.pool", **other: object) -> TokenRequest:
    values: dict[str, object] = {
        "id": "0000001",
        "asker": STRANGER,
        "address": "10.1.2.3",
        "authorizations": EXECUTE,
        "lifetime_s": 1000,
    }
    return TokenRequest(identity=identity, **{**values, **other})  # type: ignore[arg-type]


def invite(**other: object) -> Invite:
    values: dict[str, object] = {"id": "0a1b", "role": Role.EXECUTE, "uses": 1}
    values |= {"created": NOW - 60, "ends": NOW + 3600}
    return Invite(**{**values, **other})  # type: ignore[arg-type]


def door(*invites: Invite, **other: object) -> Door:
    ledger = Ledger({one.id: one for one in invites}, **other)  # type: ignore[arg-type]
    return Door("lab", ledger, revoked=lambda _identity: False)


def test_a_stranger_waits_for_a_person() -> None:
    assert decide(request(), door(), NOW).answer is Answer.WAIT


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (request("root@lab.pool"), "no identity of a node"),
        (request("condor@lab.pool"), "no identity of a node"),
        (request("master@lab.pool"), "no identity of a node"),
        (request("executeevil@lab.pool"), "no identity of a node"),
        (request("invite-0a1b@lab.pool"), "no identity of a node"),
        (request("execute-1@other.pool"), "no identity of a node"),
        (request("execute-1"), "no identity of a node"),
        (request("execute-A b@lab.pool"), "no identity of a node"),
        (request(authorizations=()), "every authorization"),
        (request(authorizations=("READ",)), "asks for READ"),
        (request(authorizations=(*EXECUTE, "ADMINISTRATOR")), "ADMINISTRATOR"),
        (request(authorizations=SUBMIT), "ADVERTISE_SCHEDD"),
        (request("submit-1@lab.pool"), "the role submit has"),
        (request(lifetime_s=None), "live for ever"),
        (request(asker="execute-2@lab.pool"), "no identity but its own"),
        (request(asker="invite-0a1b@other.pool"), "no identity but its own"),
    ],
)
def test_what_nobody_gets(asked: TokenRequest, said: str) -> None:
    decision = decide(asked, door(invite()), NOW)
    assert decision.answer is Answer.REFUSE
    assert said in decision.reason


def test_who_renews_its_own_token_is_left_to_another_program() -> None:
    own = "execute-1@lab.pool"
    assert decide(request(own, asker=own), door(), NOW).answer is Answer.LEAVE
    wider = request(own, asker=own, authorizations=(*EXECUTE, "WRITE"))
    assert decide(wider, door(), NOW).answer is Answer.REFUSE
    revoked = dataclasses.replace(door(), revoked=lambda identity: identity == own)
    assert "has been revoked" in decide(request(own, asker=own), revoked, NOW).reason
    assert "has been revoked" in decide(request(own), revoked, NOW).reason


def test_an_invite_vouches_for_its_role() -> None:
    decision = decide(request(asker=INVITED), door(invite()), NOW)
    assert (decision.answer, decision.invite) == (Answer.APPROVE, "0a1b")
    named = door(invite(node="execute-1"))
    assert decide(request("execute-1@lab.pool", asker=INVITED), named, NOW).invite == "0a1b"


@pytest.mark.parametrize(
    ("asked", "known", "said"),
    [
        ({}, [], "knows no invite 0a1b"),
        ({}, [invite(ends=NOW - 5)], "expired 5 s ago"),
        ({}, [invite(revoked=True)], "revoked"),
        ({}, [invite(used_by=("execute-x",))], "used up: execute-x joined with it"),
        ({}, [invite(role=Role.SUBMIT)], "of role submit, not execute"),
        ({}, [invite(node="execute-other")], "execute-other alone"),
        ({"identity": "execute-1@lab.pool"}, [invite()], "the pool's own nodes"),
        ({"identity": "submit@lab.pool", "authorizations": SUBMIT}, [invite(role=Role.SUBMIT)],
         "the pool's own nodes"),
    ],
)  # fmt: skip
def test_an_invite_that_does_not(asked: dict[str, object], known: list[Invite], said: str) -> None:
    decision = decide(request(asker=INVITED, **asked), door(*known), NOW)  # type: ignore[arg-type]
    assert decision.answer is Answer.REFUSE
    assert said in decision.reason


def test_nobody_becomes_a_node_that_is_there() -> None:
    taken = {"execute-lab7": {"how": "", "at": 0}}
    invited = decide(request(asker=INVITED), door(invite(), admitted=taken), NOW)
    assert invited.answer is Answer.REFUSE
    assert "another node has" in invited.reason
    opened = (OpenRange("10.1.0.0/16", NOW + 60),)
    assert decide(request(), door(ranges=opened, admitted=taken), NOW).answer is Answer.WAIT
    assert find_problem(request(), door(admitted=taken)) is None, "a person may have it so"


@pytest.mark.parametrize(
    ("network", "ends", "answer"),
    [
        ("10.1.2.0/24", NOW + 1, Answer.APPROVE),
        ("10.1.2.0/24", NOW, Answer.WAIT),
        ("10.1.3.0/24", NOW + 1, Answer.WAIT),
        ("fd00::/8", NOW + 1, Answer.WAIT),
        ("nonsense", NOW + 1, Answer.WAIT),
    ],
)
def test_an_open_network(network: str, ends: float, answer: Answer) -> None:
    assert decide(request(), door(ranges=(OpenRange(network, ends),)), NOW).answer is answer


def test_strangers_wait_for_their_turn() -> None:
    one = [request(id=str(n), address="10.0.0.1") for n in range(50)]
    many = [request(id=f"m{n}", address=f"10.0.1.{n}") for n in range(100)]
    renewal = request("execute-1@lab.pool", asker="execute-1@lab.pool")
    chosen, left = select([*one, *many, renewal])
    assert chosen[-1] is renewal, "no crowd keeps out who has a credential"
    assert [each.id for each in chosen[:MOST_PER_ADDRESS]] == ["0", "1", "2", "3"]
    assert len(chosen) == MOST_STRANGERS + 1
    assert left == 150 - MOST_STRANGERS


@pytest.mark.parametrize(
    ("identity", "role"),
    [
        ("execute-1@lab.pool", Role.EXECUTE),
        ("execute@lab.pool", Role.EXECUTE),
        ("submit@lab.pool", Role.SUBMIT),
        ("submit-two@lab.pool", Role.SUBMIT),
        ("master@lab.pool", None),
        ("execute-1@lab.pool@lab.pool", None),
    ],
)
def test_an_identity_tells_the_role(identity: str, role: Role | None) -> None:
    assert role_of_identity(identity, "lab") is role
