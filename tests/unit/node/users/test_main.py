"""What a submit node answers about its users, on files in a directory."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings
from roost.node.tokens.claims import Claims
from roost.node.tokens.records import Revocation
from roost.node.users import accounts, main, records

NOW = 1_800_000_000.0
LAB = NodeSettings(Role.SUBMIT, "submit", "lab", Address("lab-master"))
ALICE = "user-alice@lab.pool"


class Submit:
    """``done`` is what it had HTCondor do, ``made`` for whom it made tokens, with what rights."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
        self.revoked: list[Revocation] = []
        self.done: list[str] = []
        self.made: list[tuple[Any, ...]] = []
        self.now = NOW
        tokens = directory / "tokens.json"
        for name, fake in {
            "ensure_account": partial(accounts.ensure_account, directory=directory / "users"),
            "read_accounts": partial(accounts.read_accounts, directory=directory / "users"),
            "record_token": partial(records.record_token, path=tokens),
            "read_tokens": partial(records.read_tokens, path=tokens),
            "read_revocations": lambda: self.revoked,
            "write_revocations": self._write,
            "apply_access": lambda key, daemons: self.done.append(f"apply {key} {daemons}"),
            "issuer_of": lambda: "key-1",
            "create_token": self._create,
            "read_claims": lambda _token: Claims(
                "key-1", "", "", self.now, None, f"id-{len(self.made)}"
            ),
        }.items():
            monkeypatch.setattr(main, name, fake)
        monkeypatch.setattr("time.time", lambda: self.now)
        monkeypatch.setattr("time.sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _write(self, revocations: Any) -> None:
        self.revoked = list(revocations)
        self.done.append("write")

    def _create(
        self, identity: str, pool: str, key: str, authorizations: Any, *, lifetime_s: int
    ) -> str:
        self.made.append((identity, pool, key, authorizations, lifetime_s))
        return f"token-{len(self.made)}"

    def ask(self, name: str, *arguments: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(json.dumps(main._COMMANDS[name](LAB, list(arguments))))
        return told


@pytest.fixture
def submit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Submit:
    return Submit(monkeypatch, tmp_path)


def test_a_user_has_an_account_and_a_token_with_bounds(submit: Submit) -> None:
    told = submit.ask("create", "alice", "3600")
    assert told == {
        "user": "alice",
        "id": "id-1",
        "key": "key-1",
        "issued": NOW,
        "expires": NOW + 3600,
        "identity": ALICE,
        "token": "token-1",
    }
    assert submit.made == [(ALICE, "lab", "key-1", ("READ", "WRITE"), 3600)]
    submit.ask("create", "alice", "60")
    listed = submit.ask("list")
    assert listed["users"] == ["alice"]
    assert [one["id"] for one in listed["tokens"]] == ["id-1", "id-2"]
    assert "token-1" not in json.dumps(listed), "what is kept is no token"


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("Alice", "lower case letters"),
        ("", "lower case letters"),
        ("a" * 27, "at most 26"),
        ("a-", "no '-' or '_' last"),
        ("1st", "a letter first"),
        ("a@b", "lower case letters"),
        ("*", "lower case letters"),
        ("alice\n", "lower case letters"),
        ("root", "of an account or of a node"),
        ("condor", "of an account or of a node"),
        ("roost", "of an account or of a node"),
        ("submit", "of an account or of a node"),
        ("execute-1", "of an account or of a node"),
        ("invite-1", "of an account or of a node"),
        ("daemon", "account of the submit node"),
    ],
)
def test_nobody_can_be_called_what_others_are(submit: Submit, user: str, said: str) -> None:
    with pytest.raises(NodeError, match=said):
        submit.ask("create", user, "3600")
    assert (submit.made, submit.ask("list")["users"]) == ([], [])


@pytest.mark.parametrize("ttl", ["59", "31536001", "-1", "1.5", ""])
def test_a_token_has_an_end_that_is_neither_near_nor_far(submit: Submit, ttl: str) -> None:
    with pytest.raises(NodeError):
        submit.ask("create", "alice", ttl)
    assert submit.made == []


def test_revoking_is_recorded_before_it_is_applied(submit: Submit) -> None:
    submit.ask("create", "alice", "3600")
    assert submit.ask("revoke", "alice") == {
        "user": "alice",
        "identity": ALICE,
        "ended": 1,
        "until": int(NOW),
    }
    assert submit.done == ["write", "apply key-1 ('schedd', 'master')"]
    assert submit.revoked == [Revocation(ALICE, int(NOW), denied=True)]
    with pytest.raises(NodeError, match="there is no user 'bob'"):
        submit.ask("revoke", "bob")


def test_who_was_revoked_gets_a_token_once_sessions_from_before_have_ended(submit: Submit) -> None:
    submit.ask("create", "alice", "3600")
    submit.ask("revoke", "alice")
    submit.now = NOW + contract.USER_SESSION_S
    with pytest.raises(NodeError, match=r"was revoked 10 min ago, .* for 60 s more"):
        submit.ask("create", "alice", "3600")
    assert submit.revoked[0].denied
    readmitted = submit.now = NOW + main.SESSIONS_END_S
    submit.now += 0.25
    told = submit.ask("create", "alice", "3600")
    assert submit.revoked == [Revocation(ALICE, int(readmitted), denied=False)], (
        "old ones stay refused, also those that were fetched while the revocation was applied"
    )
    assert told["issued"] == readmitted + 1, "the new one is younger"
    assert submit.done[-1].startswith("apply")


def test_the_master_has_no_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(contract.ENV_ROLE, "master")
    with pytest.raises(NodeError, match="only a submit node"):
        main.users(["list"])
