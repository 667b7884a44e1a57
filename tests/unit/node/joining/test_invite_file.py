"""The invite that a node was given: read with care, and used for nothing that it is not for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from roost.contract import Role
from roost.invitation import Invitation, encode
from roost.node.joining.invite_file import check_invite, find_invite, remove_invite
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings
from tests.unit.invites import make_invite

NOW = 1_800_000_000.0
SETTINGS = NodeSettings(Role.EXECUTE, "execute-lab7", "lab", Address("192.0.2.1"))
INVITE = make_invite(NOW + 60)


def test_it_is_read_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "invite"
    assert find_invite([file]) is None
    file.write_text(f"{encode(INVITE)}\n")
    assert find_invite([file]) == INVITE
    check_invite(INVITE, SETTINGS, NOW)
    remove_invite(file)
    remove_invite(file)
    assert find_invite([file]) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "more than plain text"),
        (encode(INVITE)[:100].encode(), "cut short"),
        (b"x" * 100_000, "no invite"),
    ],
)
def test_a_file_that_holds_none(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "invite"
    file.write_bytes(data)
    with pytest.raises(NodeError, match=said) as failure:
        find_invite([file])
    assert str(file) in str(failure.value)
    assert file.read_bytes() == data, "nothing has changed"


def test_a_directory_in_its_place(tmp_path: Path) -> None:
    """What Docker makes where the file to be mounted is not there."""
    with pytest.raises(NodeError, match="cannot be read: Is a directory"):
        find_invite([tmp_path])


@pytest.mark.parametrize(
    ("invite", "said"),
    [
        (replace(INVITE, role=Role.SUBMIT), "use roost-submit"),
        (replace(INVITE, pool="other"), "ROOST_POOL says lab: set ROOST_POOL=other"),
        (replace(INVITE, node="execute-lab8"), "set ROOST_NODE=execute-lab8"),
        (replace(INVITE, ends=NOW - 86400), "expired 86400 s ago by this node's clock"),
    ],
)
def test_an_invite_that_is_not_for_this_node(invite: Invitation, said: str) -> None:
    with pytest.raises(NodeError, match=said):
        check_invite(invite, SETTINGS, NOW)
