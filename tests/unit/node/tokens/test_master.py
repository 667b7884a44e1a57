"""What the master answers to the host, on keys in a directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from roost.contract import Role
from roost.node.credential import ensure_signing_key
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings
from roost.node.tokens import ads, keys, master
from roost.node.tokens.records import Issued, Revocation

NOW = 1_800_000_000.0
LAB = NodeSettings(Role.MASTER, "master", "lab", Address("127.0.0.1"))
ONE, TWO = "execute-1@lab.pool", "execute-2@lab.pool"


class Master:
    """A master's records in memory; ``done`` is what it had HTCondor do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, keys_dir: Path) -> None:
        self.issued: dict[str, Issued] = {}
        self.revoked: list[Revocation] = []
        self.pool: list[str] = ["master.lab.pool"]
        self.done: list[str] = []
        ensure_signing_key(keys_dir)
        for name in (
            "issuer_of", "old_keys", "sessions_to_drop", "sessions_dropped", "begin_rotation"
        ):  # fmt: skip
            function = getattr(keys, name)
            monkeypatch.setattr(keys, name, lambda at=keys_dir, f=function: f(at))
        delete = keys.delete_key
        monkeypatch.setattr(keys, "delete_key", lambda key: delete(key, keys_dir))
        for name, fake in {
            "read_issued": lambda: self.issued,
            "read_revocations": lambda: self.revoked,
            "write_revocations": self._write,
            "apply_access": lambda _issuer: self.done.append("apply"),
            "drop_sessions": lambda: self.done.append("drop"),
            "query": lambda _kind, _names: [{"Machine": machine} for machine in self.pool],
        }.items():
            monkeypatch.setattr(master, name, fake)
        monkeypatch.setattr(
            ads, "remove_ads_of", lambda role, machine: self.done.append(f"{role} {machine}")
        )
        monkeypatch.setattr("time.time", lambda: NOW)
        monkeypatch.setattr("time.sleep", lambda _s: None)

    def _write(self, revocations: Any) -> None:
        self.revoked = list(revocations)
        self.done.append("write")

    def ask(self, name: str, *arguments: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(json.dumps(master._COMMANDS[name](LAB, list(arguments))))
        return told


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Master:
    return Master(monkeypatch, tmp_path)


def test_revoking_is_recorded_before_anything_else(lab: Master) -> None:
    assert lab.ask("revoke", "execute-1") == {"identity": ONE, "until": NOW}
    assert lab.revoked == [Revocation(ONE, int(NOW))]
    assert lab.done == ["write", "apply", "execute execute-1.lab.pool"]


@pytest.mark.parametrize("arguments", [(), ("",), ("master",), ("a@b",), ("x", "y"), ("evil",)])
def test_only_a_node_can_be_revoked(lab: Master, arguments: tuple[str, ...]) -> None:
    with pytest.raises(NodeError):
        lab.ask("revoke", *arguments)
    assert lab.revoked == []
    assert lab.done == []


def test_sessions_end_before_a_node_is_let_in_again(lab: Master) -> None:
    lab.revoked = [Revocation(ONE, 5), Revocation(TWO, 6)]
    assert lab.ask("readmit", "execute-1")["was_revoked"]
    assert lab.done == ["drop", "write", "apply"]
    assert {one.identity: one for one in lab.revoked} == {
        ONE: Revocation(ONE, int(NOW), denied=False),
        TWO: Revocation(TWO, 6),
    }
    lab.done.clear()
    assert lab.ask("readmit", "execute-1")["was_revoked"], "an interrupted one may be repeated"
    assert lab.done == ["apply"]
    assert not lab.ask("readmit", "submit")["was_revoked"]


def test_an_old_key_goes_when_nobody_holds_a_good_token_of_it(lab: Master) -> None:
    old = lab.ask("list")["issuer"]
    assert lab.ask("rotate")["begun"]
    new = lab.ask("list")["issuer"]
    lab.issued = {
        ONE: Issued(ONE, old, NOW, NOW + 9),
        TWO: Issued(TWO, new, NOW, NOW + 9),
    }
    assert not lab.ask("rotate")["begun"], "the last one goes on"
    told = lab.ask("retire")
    assert (told["waiting"], told["old_keys"], told["sessions_to_drop"]) == (
        {old: [ONE]},
        [old],
        False,
    )
    lab.revoked = [Revocation(ONE, 5)]
    told = lab.ask("retire")
    assert (told["waiting"], told["old_keys"], told["sessions_to_drop"]) == ({}, [], True)
    lab.ask("drop-sessions")
    assert not lab.ask("list")["sessions_to_drop"]


def test_a_node_that_nobody_recorded_keeps_every_old_key(lab: Master) -> None:
    old = lab.ask("list")["issuer"]
    lab.ask("rotate")
    lab.pool.append("execute-7.lab.pool")
    assert lab.ask("retire")["waiting"] == {old: ["execute-7@lab.pool"]}
    lab.pool.pop()
    assert lab.ask("retire")["waiting"] == {}
