"""A node takes a new token, or keeps the one that it has."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings
from roost.node.tokens import renew, take
from roost.node.tokens.renew import APPROVAL_TIMEOUT_S

ME = NodeSettings(Role.EXECUTE, "execute-1", "lab", Address("lab-master"))


def token(key: str, left_s: float = 1000, node: str = "execute-1") -> str:
    now = time.time()
    claims = {"iss": "lab.pool", "sub": f"{node}@lab.pool", "iat": now, "exp": now + left_s}
    parts = [json.dumps({"kid": key}).encode(), json.dumps(claims).encode(), b"signature"]
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join(encoded)


class Node:
    """A node's directory of tokens, and HTCondor's tools as it finds them."""

    def __init__(self, root: Path) -> None:
        self.tokens = root / "tokens"
        self.tokens.mkdir(mode=0o700)
        self.programs = root / "bin"
        self.programs.mkdir()
        self.hold(token("old", left_s=500))

    def hold(self, text: str) -> None:
        file = self.tokens / "token"
        file.write_text(text + "\n")
        file.chmod(0o600)

    def held(self) -> str:
        return (self.tokens / "token").read_text().strip()

    def program(self, name: str, script: str) -> None:
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node(tmp_path)
    monkeypatch.setattr(contract, "TOKENS_DIR", str(made.tokens))
    monkeypatch.setattr(contract, "TOKEN_FILE", str(made.tokens / "token"))
    monkeypatch.setattr(contract, "NEW_TOKEN_DIR", str(made.tokens / ".new"))
    monkeypatch.setenv("PATH", f"{made.programs}:/usr/bin:/bin")
    for name, value in (("ROLE", "execute"), ("NODE", "execute-1"), ("POOL", "lab")):
        monkeypatch.setenv(f"ROOST_{name}", value)
    monkeypatch.setenv("MASTER", "lab-master")
    made.program("condor_ping", f'test "$_CONDOR_SEC_TOKEN_DIRECTORY" = {made.tokens}/.new')
    return made


def test_a_good_token_takes_the_place_of_the_old_one(node: Node) -> None:
    new = token("new")
    take.put_new(new)
    assert (node.tokens / ".new").stat().st_mode & 0o777 == 0o700
    assert take.take_new(ME).key == "new"
    assert node.held() == new
    assert (node.tokens / "token").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in node.tokens.iterdir()] == ["token"]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (token("new", node="execute-2"), "is execute-2@lab.pool's, but this node is execute-1"),
        ("cut.short", "is no token"),
        (token("refused"), "does not take the new token: no way"),
    ],
)
def test_any_other_is_thrown_away(node: Node, new: str, said: str) -> None:
    before = node.held()
    if "refused" in said or "no way" in said:
        node.program("condor_ping", "echo no way >&2; exit 1")
    take.put_new(new)
    with pytest.raises(NodeError, match=said):
        take.take_new(ME)
    assert node.held() == before
    assert [path.name for path in node.tokens.iterdir()] == ["token"]


def ask(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    code = renew.renew([])
    return code, json.loads(capsys.readouterr().out)


def test_a_renewal(node: Node, capsys: pytest.CaptureFixture[str]) -> None:
    new = token("new")
    arguments = node.programs / "arguments"
    node.program(
        "condor_token_request",
        f'echo "$@" > {arguments}; echo "Token request enqueued; request 0012345."; echo {new}',
    )
    code, told = ask(capsys)
    assert code == 0
    assert told.keys() == {"expires"}
    assert node.held() == new
    assert arguments.read_text().split() == [
        "-pool", "lab-master:9618", "-type", "COLLECTOR", "-identity", "execute-1@lab.pool",
        "-authz", "ADVERTISE_STARTD", "-authz", "ADVERTISE_MASTER", "-authz", "READ",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'Failed to connect' >&2; exit 1", "issues no new token: Failed to connect"),
        ("echo nothing", "issues no new token: it gave no reason"),
        (f"echo {token('new', left_s=100)}", "ends no later than the old one"),
    ],
)
def test_a_renewal_that_fails_leaves_the_old_token(
    node: Node, capsys: pytest.CaptureFixture[str], script: str, said: str
) -> None:
    before = node.held()
    node.program("condor_token_request", script)
    code, told = ask(capsys)
    assert code == 1
    assert said in str(told["problem"])
    assert node.held() == before


def test_a_renewal_that_nobody_approves(
    node: Node, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    node.program("condor_token_request", "exec sleep 60")
    monkeypatch.setattr(renew, "APPROVAL_TIMEOUT_S", 0.2)
    code, told = ask(capsys)
    assert code == 1
    assert "lab-master:9618 approved no new token within 0.2 s" in str(told["problem"])
    assert APPROVAL_TIMEOUT_S > 30
