"""``roost token`` on an engine in memory."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Roost
from tests.unit.cli.fakepool import FakePool


@pytest.fixture(autouse=True)
def is_up(roost: Roost) -> None:
    assert roost("up", "-n", "1").exit_code == 0


def test_list(roost: Roost) -> None:
    result = roost("token", "list")
    assert result.exit_code == 0, result.stderr
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["NODE", "IDENTITY", "KEY", "ISSUED", "EXPIRES", "STATE", "HERE"]
    assert [row.split() for row in rows] == [
        f"{node} {node}@roost.pool key-1 2027-01-15 08:00 2027-02-14 08:00 valid yes".split()
        for node in ("execute-1", "submit")
    ]


def test_list_json(roost: Roost) -> None:
    told = json.loads(roost("token", "list", "--json").stdout)
    assert told[0] == {
        "node": "execute-1",
        "identity": "execute-1@roost.pool",
        "key": "key-1",
        "issued": 1_800_000_000.0,
        "expires": 1_802_592_000.0,
        "state": "valid",
        "here": True,
    }


def test_revoke_and_undo(roost: Roost, pool: FakePool) -> None:
    pool.tokens.running["execute-1"] = 2
    result = roost("token", "revoke", "execute-1")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "execute-1@roost.pool is revoked; 2 of its claims are released.\n"
    assert "Let it in again: roost token revoke --undo execute-1" in result.stderr
    assert "revoked" in roost("token", "list").stdout
    up = roost("up")
    assert up.exit_code == 1
    assert "execute-1 of pool roost is revoked" in up.stderr
    assert "let in again" in roost("token", "revoke", "--undo", "execute-1").stdout
    assert roost("up").exit_code == 0
    undone = roost("token", "revoke", "--undo", "submit")
    assert (undone.exit_code, undone.stdout) == (0, "")
    assert "submit is not revoked: nothing to undo" in undone.stderr


def test_revoke_json(roost: Roost) -> None:
    assert json.loads(roost("token", "revoke", "execute-1", "--json").stdout) == {
        "node": "execute-1",
        "identity": "execute-1@roost.pool",
        "revoked": True,
        "released": 0,
    }
    told = json.loads(roost("token", "revoke", "--undo", "execute-1", "--json").stdout)
    assert told == {"node": "execute-1", "revoked": False, "changed": True}


def test_revoke_of_nobody(roost: Roost) -> None:
    result = roost("token", "revoke", "execute-5")
    assert result.exit_code == 1
    assert "no node 'execute-5' with a token" in result.stderr
    assert "it has execute-1, submit" in result.stderr


def test_rotate(roost: Roost, pool: FakePool) -> None:
    result = roost("token", "rotate")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == (
        f"{pool.tokens.issuer} signs: 2 tokens issued anew, 1 old key deleted.\n"
    )


def test_rotate_says_who_keeps_the_old_key(roost: Roost, pool: FakePool) -> None:
    pool.tokens.elsewhere["execute-9"] = "key-1"
    result = roost("token", "rotate")
    assert "0 old keys deleted" in result.stdout
    assert "key-1 stays: execute-9 may have a token of it" in result.stderr
    told = json.loads(roost("token", "rotate", "--json").stdout)
    assert told["waiting"] == {"key-1": ["execute-9"]}
    assert told["continued"] is True
    assert told["key"] == pool.tokens.issuer
