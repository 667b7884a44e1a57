"""Accounts of users from outside, in the files that libnss-extrausers reads."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from roost import contract
from roost.node.say import NodeError
from roost.node.users import accounts

FIRST = contract.USER_ACCOUNT_FIRST_UID


def test_each_user_has_a_number_of_its_own_for_good(tmp_path: Path) -> None:
    users = tmp_path / "users"
    numbers = [accounts.ensure_account(name, users) for name in ("alice", "bob", "alice", "carol")]
    assert numbers == [FIRST, FIRST + 1, FIRST, FIRST + 2]
    assert (users / "passwd").read_text().splitlines()[1] == (
        f"user-bob:x:{FIRST + 1}:{FIRST + 1}::/nonexistent:/usr/sbin/nologin"
    )
    assert (users / "group").read_text().splitlines()[1] == f"user-bob:x:{FIRST + 1}:"
    for name in contract.USERS_FILES:
        assert stat.S_IMODE((users / name).stat().st_mode) == 0o644, "every program reads them"


def test_what_is_there_stays(tmp_path: Path) -> None:
    accounts.ensure_account("alice", tmp_path)
    accounts.ensure_files(tmp_path)
    assert accounts.read_accounts(tmp_path) == {"user-alice": FIRST}


def test_numbers_end_before_those_of_debian(tmp_path: Path) -> None:
    last = FIRST + 19_999
    (tmp_path / "passwd").write_text(f"user-z:x:{last}:{last}::/:/\n")
    with pytest.raises(NodeError, match="no numbers left"):
        accounts.ensure_account("alice", tmp_path)


def test_a_damaged_file_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / "passwd").write_text("user-alice:x\n")
    with pytest.raises(NodeError, match="restore it from a backup"):
        accounts.ensure_account("bob", tmp_path)
