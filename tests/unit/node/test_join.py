"""How long a node waits for its master."""

from __future__ import annotations

import pytest

from roost.contract import Role
from roost.node.join import explain_refusal, wait_for_port
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings


def test_a_node_gives_up_when_it_was_told_to() -> None:
    nobody = Address("127.0.0.1", 1)
    settings = NodeSettings(Role.EXECUTE, "execute-1", "lab", nobody, join_timeout_s=1)
    with pytest.raises(NodeError, match=r"no master at 127\.0\.0\.1:1 after 1 s: .*refused"):
        wait_for_port(settings)


def test_a_refusal_is_told_in_words() -> None:
    failed = "AUTHENTICATE:1003:Failed to authenticate with any method\n"
    assert "does not take this node's token for pool lab" in explain_refusal(failed, "lab")
    denied = 'SECMAN:2010:Received "DENIED" from server for user x using method IDTOKENS.\n\n'
    assert explain_refusal(denied, "lab") == denied.strip()
    assert explain_refusal("", "lab") == "no reason given"
