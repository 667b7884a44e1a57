"""Invites that come with a stack, from their making to what a node and a master read of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roost import contract, promise
from roost.contract import Role
from roost.export.invites import StackSecrets, make_secrets
from roost.invitation import decode
from roost.node.door.ledger import Invite, open_ledger
from roost.node.door.promised import keep_promise
from roost.node.say import NodeError
from roost.node.tokens.claims import read_claims
from roost.node.tokens.keys import key_ids
from roost.promise import PromiseError

LIFE_S = 3600.0


def make(now: float = 1e10) -> StackSecrets:
    return make_secrets("lab", "master:9618", life_s=LIFE_S, now=now)


class Master:
    """Where a master keeps what it knows."""

    def __init__(self, directory: Path) -> None:
        self.secret, self.keys, self.door = (
            directory / name for name in ("secret", "keys", "door")
        )
        self.keys.mkdir()
        (self.keys / "key-00000000").write_text("the pool's own")

    def start(self, text: str | None) -> dict[str, Invite]:
        """With a secret; the invites in its ledger afterwards."""
        self.secret.unlink(missing_ok=True)
        if text is not None:
            self.secret.write_text(text)
        keep_promise(self.secret, self.keys, self.door)
        with open_ledger(self.door) as ledger:
            return dict(ledger.invites)

    def door_keys(self) -> set[str]:
        return {path.name for path in self.keys.glob(f"{contract.DOOR_KEY_PREFIX}*")}


@pytest.fixture
def master(tmp_path: Path) -> Master:
    return Master(tmp_path)


def test_an_invite_names_its_pool_and_no_certificate() -> None:
    invite = decode(make().invites[Role.EXECUTE])
    assert (invite.pool, invite.role, invite.node) == ("lab", Role.EXECUTE, None)
    assert (invite.certificate, invite.name) == ("", "")
    assert read_claims(invite.token).identity == f"invite-{invite.id}@lab.pool"
    assert decode(make().invites[Role.SUBMIT]).node == "submit"


def test_no_secret_shows_itself() -> None:
    made = make()
    assert repr(made) == "<secrets of a stack>"
    read = promise.decode(made.promise)
    assert json.loads(made.promise)["key"] not in repr(read)


def test_a_master_takes_key_and_invites(master: Master) -> None:
    made = make()
    known = master.start(made.promise)
    assert {one.role for one in known.values()} == {Role.SUBMIT, Role.EXECUTE}
    assert decode(made.invites[Role.EXECUTE]).id in known
    (key,) = master.door_keys()
    assert (master.keys / key).stat().st_mode & 0o777 == 0o600
    assert key_ids(master.keys) == ["key-00000000"], "it is no key of a rotation"


def test_a_restart_forgets_no_use_and_no_revocation(master: Master) -> None:
    made = make()
    first = next(iter(master.start(made.promise)))
    with open_ledger(master.door) as ledger:
        ledger.use(first, "execute-a")
    assert master.start(made.promise)[first].used_by == ("execute-a",)


def test_other_secrets_end_the_ones_before(master: Master) -> None:
    master.start(make().promise)
    before = master.door_keys()
    master.start(make().promise)
    assert len(master.door_keys()) == 1
    assert master.door_keys() != before
    master.start(None)
    assert master.door_keys() == set()


def test_secrets_that_have_expired_are_none(master: Master) -> None:
    assert master.start(make(now=1.0).promise) == {}
    assert master.door_keys() == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-40],
        lambda text: "",
        lambda text: text.replace("door-", "key-0"),
        lambda text: text.replace('"execute"', '"king"'),
        lambda text: text.replace('"version": 1', '"version": 2'),
    ],
)
def test_a_damaged_one_stops_the_master_with_a_line(master: Master, change: object) -> None:
    assert callable(change)
    with pytest.raises(NodeError, match="export the stack anew") as raised:
        master.start(change(make().promise))
    assert "door-" not in str(raised.value)


def test_what_is_wrong_is_told_without_the_key() -> None:
    with pytest.raises(PromiseError) as raised:
        promise.decode(make().promise.replace('"uses"', '"used"'))
    assert "damaged" in str(raised.value)
