"""What the door remembers."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from roost.contract import Role
from roost.node.door.ledger import Invite, Ledger, OpenRange, open_ledger
from roost.node.say import NodeError


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.invites["1"] = Invite("1", Role.EXECUTE, 2, 10.0, 20.0, used_by=("execute-x",))
        ledger.ranges = (OpenRange("10.0.0.0/8", 30.0),)
        ledger.admit("execute-x", "an invite", 15.0)
        ledger.told = ("0000001",)
        kept = ledger
    with open_ledger(tmp_path) as again:
        assert vars(again) == vars(kept)
    assert stat.S_IMODE((tmp_path / "ledger.json").stat().st_mode) == 0o600


def test_an_error_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NodeError), open_ledger(tmp_path) as ledger:
        ledger.told = ("1",)
        raise NodeError("no")
    with open_ledger(tmp_path) as ledger:
        assert vars(ledger) == vars(Ledger())


@pytest.mark.parametrize("text", ["nonsense", "{}", json.dumps({"version": 99}), "[1]"])
def test_what_cannot_be_read_opens_no_door(tmp_path: Path, text: str) -> None:
    (tmp_path / "ledger.json").write_text(text)
    with pytest.raises(NodeError, match="damaged or of another version"), open_ledger(tmp_path):
        pass
    assert (tmp_path / "ledger.json").read_text() == text


def test_uses_are_counted() -> None:
    ledger = Ledger({"1": Invite("1", Role.EXECUTE, 2, 0.0, 100.0)})
    ledger.use("1", "execute-a")
    assert ledger.invites["1"].problem(50.0) is None
    ledger.use("1", "execute-b")
    assert "execute-a, execute-b joined with it" in str(ledger.invites["1"].problem(50.0))


def test_what_is_long_over_is_forgotten() -> None:
    old, new = (Invite(one, Role.EXECUTE, 1, 0.0, ends) for one, ends in (("o", 1.0), ("n", 9e5)))
    ledger = Ledger({"o": old, "n": new}, (OpenRange("10.0.0.0/8", 1.0),))
    ledger.forget_old(1e6)
    assert (list(ledger.invites), ledger.ranges) == (["n"], ())
