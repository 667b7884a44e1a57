"""How long a node waits for its master."""

from __future__ import annotations

import pytest

from roost.contract import Role
from roost.node.join import wait_for_port
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings


def test_a_node_gives_up_when_it_was_told_to() -> None:
    nobody = Address("127.0.0.1", 1)
    settings = NodeSettings(Role.EXECUTE, "execute-1", "lab", nobody, join_timeout_s=1)
    with pytest.raises(NodeError, match=r"no master at 127\.0\.0\.1:1 after 1 s: .*refused"):
        wait_for_port(settings)
