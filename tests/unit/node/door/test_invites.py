"""What a master makes no invite for."""

from __future__ import annotations

import pytest

from roost.node.door.invites import invite
from roost.node.say import NodeError


@pytest.mark.parametrize("ttl_s", ["0", "-1", "2592001"])
def test_an_invite_that_cannot_live_so_long(ttl_s: str) -> None:
    with pytest.raises(NodeError, match=rf"from 1 s to 2592000 s \(30 days\), not {ttl_s} s"):
        invite(["execute", "--ttl", ttl_s, "--address", "head"])
