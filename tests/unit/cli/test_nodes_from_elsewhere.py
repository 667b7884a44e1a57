"""``invite``, ``join`` and ``approve`` on an engine in memory."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from typing import Any

import pytest

from roost.cli.commands.invite import render_instructions
from roost.contract import INVITE_FILE, Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Capabilities, Container, ExecResult
from roost.invitation import encode
from roost.pool.door import NewInvite
from tests.unit.cli.conftest import Roost
from tests.unit.cli.fakepool import FakePool, says
from tests.unit.invites import make_invite

INVITE = dataclasses.replace(
    make_invite(time.time() + 3600), pool="roost", name="master.roost.pool"
)
TEXT = encode(INVITE)
PENDING = {
    "code": "K7QM-2XPD",
    "node": "execute-lab7",
    "identity": "execute-lab7@roost.pool",
    "address": "192.0.2.7",
    "asker": "unauthenticated@unmapped",
    "authorizations": ["ADVERTISE_STARTD", "ADVERTISE_MASTER", "READ"],
    "problem": None,
    "note": "nothing vouches for it",
}
MADE: dict[str, Any] = {"id": "0a1b2c3d", "invite": TEXT, "pool": "roost", "role": "execute"}
MADE |= {"node": None, "uses": 1, "ends": time.time() + 3600}
KNOWN: dict[str, Any] = {
    "id": "0a1b2c3d",
    "role": "execute",
    "uses": 2,
    "used_by": ["execute-lab7"],
}
KNOWN |= {"created": 1.0, "ends": time.time() + 10 * 3600, "node": None, "revoked": False}
KNOWN |= {"problem": None}


@pytest.fixture
def asked(roost: Roost, pool: FakePool) -> list[Sequence[str]]:
    """A pool that is up, and what its master was asked about the door."""
    roost("up")
    asked: list[Sequence[str]] = []

    def answering(answer: ExecResult) -> object:
        def tell(_container: Container, argv: Sequence[str]) -> ExecResult:
            asked.append(list(argv[1:]))
            return answer

        return tell

    answers = {"requests": says([PENDING]), "approve": says({}), "invite": says(MADE)}
    answers |= {"invites": says([KNOWN]), "revoke-invite": says({}), "open-network": says({})}
    pool.answers |= {word: answering(answer) for word, answer in answers.items()}  # type: ignore[misc]
    return asked


def test_approve_shows_who_asks(roost: Roost, asked: list[Sequence[str]]) -> None:
    result = roost("approve")
    assert "K7QM-2XPD  execute-lab7  192.0.2.7" in result.stdout
    assert json.loads(roost("approve", "--json").stdout) == [PENDING]
    assert asked == [["requests"], ["requests"]]


def test_approve_lets_in_who_has_the_code(roost: Roost, asked: list[Sequence[str]]) -> None:
    result = roost("approve", "k7qm 2xpd")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "execute-lab7 at 192.0.2.7 is let into pool roost.\n"
    assert asked[-1] == ["approve", "K7QM-2XPD"]


def test_a_code_that_nobody_has(roost: Roost, asked: list[Sequence[str]]) -> None:
    result = roost("approve", "AAAA-AAAA")
    assert result.exit_code == 2
    assert "K7QM-2XPD (execute-lab7)" in result.stderr
    assert asked == [["requests"]], "nobody was let in"


def test_an_invite_in_a_pipe_is_one_line(roost: Roost, asked: list[Sequence[str]]) -> None:
    result = roost("invite", "execute", "--ttl", "15m", "--uses", "3", "--address", "head.example")
    assert result.stdout == f"{TEXT}\n"
    assert asked == [
        ["invite", "execute", "--ttl", "900", "--uses", "3", "--address", "head.example"]
    ]


def test_what_is_to_be_pasted_has_the_secret_on_standard_input_alone() -> None:
    made = NewInvite("0a1b2c3d", Role.EXECUTE, "roost", 1, time.time() + 3600, None, TEXT)
    text = render_instructions(made, "roost-execute:25.14.1-forky", time.time())
    assert "within 1 h" in text
    lines = text.splitlines()
    assert [line for line in lines if TEXT in line] == [TEXT, TEXT]
    assert "roost join <<'END'" in lines
    assert f'-v "$PWD/roost-invite:{INVITE_FILE}:ro"' in text
    assert "-e MASTER=192.0.2.1:9618 -e ROOST_POOL=roost roost-execute:25.14.1-forky\n" in text


def test_invites_are_listed_and_revoked(roost: Roost, asked: list[Sequence[str]]) -> None:
    assert "0a1b2c3d  execute  any   1/2   good for 10 h" in roost("invite", "--list").stdout
    assert json.loads(roost("invite", "--list", "--json").stdout)[0]["used_by"] == ["execute-lab7"]
    assert roost("invite", "--revoke", "0a1b2c3d").stdout == "Invite 0a1b2c3d is revoked.\n"
    assert asked[-1] == ["revoke-invite", "0a1b2c3d"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["execute", "--list"], ["--list", "--revoke", "x"], ["master"], ["execute", "--ttl", "x"]],
)
def test_wrong_usage_of_invite(
    roost: Roost, asked: list[Sequence[str]], arguments: list[str]
) -> None:
    assert roost("invite", *arguments).exit_code == 2
    assert asked == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--revoke", "0a1b2c3d", "--node", "x", "--uses", "5", "--ttl", "2h"],
            "--ttl, --uses, --node: for a new invite, and --revoke makes none",
        ),
        (["--list", "--address", "head"], "--address: for a new invite, and --list makes none"),
        (["--list", "--uses", "1"], "--uses: for a new invite, and --list makes none"),
    ],
)
def test_what_a_new_invite_is_like_is_said_with_a_role_alone(
    roost: Roost, asked: list[Sequence[str]], arguments: list[str], words: str
) -> None:
    result = roost("invite", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert asked == []


def test_join_reads_the_invite_from_standard_input(
    roost: Roost, pool: FakePool, engine: FakeEngine
) -> None:
    pool.answers["cat"] = lambda *_: says({"state": "healthy"})
    result = roost("join", "--node", "lab7", input=f"{TEXT}\n")
    assert result.exit_code == 0, result.stderr
    assert "execute-lab7 has joined pool roost, whose master is at 192.0.2.1:9618" in result.stdout
    assert engine.find_container("roost-execute-lab7")


@pytest.mark.parametrize(
    ("arguments", "release"), [([], "forky"), (["--suite", "trixie"], "trixie")]
)
def test_join_takes_the_release_of_the_master(
    roost: Roost, pool: FakePool, engine: FakeEngine, arguments: list[str], release: str
) -> None:
    pool.answers["cat"] = lambda *_: says({"state": "healthy"})
    text = encode(dataclasses.replace(INVITE, suite="forky"))
    result = roost("join", "--node", "lab7", *arguments, input=text)
    assert result.exit_code == 0, result.stderr
    made = engine.find_container("roost-execute-lab7")
    assert made
    assert release in str(engine.find_image(made.image))


def test_join_refuses_a_release_that_it_does_not_know(roost: Roost, engine: FakeEngine) -> None:
    text = encode(dataclasses.replace(INVITE, suite="duke"))
    result = roost("join", input=text)
    assert result.exit_code == 2
    assert "'duke'" in result.stderr
    assert engine.calls == []


def test_join_builds_nothing_for_a_bad_invite(roost: Roost, engine: FakeEngine) -> None:
    result = roost("join", input="hello\n")
    assert result.exit_code == 2
    assert "this is no invite" in result.stderr
    assert engine.calls == []


def test_a_network_is_opened_for_a_while(roost: Roost, asked: list[Sequence[str]]) -> None:
    result = roost("approve", "--network", "192.0.2.0/24", "--for", "10m")
    assert result.stdout == "The network 192.0.2.0/24 is open.\n"
    assert asked == [["open-network", "192.0.2.0/24", "600"]]
    for wrong in (
        ["--network", "192.0.2.0/24"],
        ["--for", "1m"],
        ["A", "--network", "x", "--for", "1m"],
    ):
        assert roost("approve", *wrong).exit_code == 2
    assert len(asked) == 1


def test_no_network_is_opened_where_sources_are_hidden(
    roost: Roost, engine: FakeEngine, asked: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "capabilities", Capabilities(rootless=True))
    result = roost("approve", "--network", "192.0.2.0/24", "--for", "10m")
    assert result.exit_code == 2
    assert "hides where a connection comes from" in result.stderr
    assert asked == []
    no_address = roost("invite", "execute")
    assert "say --address HOST[:PORT]" in no_address.stderr


def test_status_shows_nodes_of_other_hosts(roost: Roost, pool: FakePool) -> None:
    roost("up")
    assert "On other hosts" not in roost("status").stdout
    far = {"role": "execute", "address": "10.0.0.5", "reach": "master", "joined": True}
    gone = {**far, "host": None, "joined": False}
    pool.places = {"execute-lab7": {**far, "host": "lab7"}, "execute-9": gone}
    shown = roost("status").stdout
    assert "On other hosts: execute-lab7. Jobs run there; to stop," in shown
    assert "Reached through the master (CCB): execute-lab7\n" in shown
    assert "Reached at their address: master, submit" in shown
    assert "execute-9" not in shown
    nodes = {node["name"]: node for node in json.loads(roost("status", "--json").stdout)["nodes"]}
    lab7 = nodes["execute-lab7"]
    assert (lab7["host"], lab7["reach"], lab7["here"]) == ("lab7", "master", False)
    assert (lab7["state"], lab7["address"]) == ("ready", "10.0.0.5")
    assert (nodes["submit"]["reach"], nodes["submit"]["here"]) == ("address", True)


@pytest.mark.parametrize(
    "command", [("exec", "execute-lab7", "--", "true"), ("logs", "execute-lab7")]
)
def test_what_cannot_be_done_from_here_names_the_host(
    roost: Roost, pool: FakePool, command: tuple[str, ...]
) -> None:
    roost("up")
    far = {"role": "execute", "address": "10.0.0.5", "reach": "master", "joined": True}
    pool.places = {"execute-lab7": {**far, "host": "lab7"}}
    result = roost(*command)
    assert result.exit_code == 1
    assert "node execute-lab7 of pool roost runs on lab7" in result.stderr
    assert "do that on lab7" in result.stderr
