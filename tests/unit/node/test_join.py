"""How long a node waits for its master."""

from __future__ import annotations

import socket
import subprocess

import pytest

from roost.contract import Role
from roost.node.join import is_granted, wait_for_port
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings


def test_a_node_gives_up_when_it_was_told_to() -> None:
    nobody = Address("127.0.0.1", 1)
    settings = NodeSettings(Role.EXECUTE, "execute-1", "lab", nobody, join_timeout_s=1)
    with pytest.raises(NodeError, match=r"no master at 127\.0\.0\.1:1 after 1 s: .*refused"):
        wait_for_port(settings)


def test_a_master_that_refuses_at_first_and_then_grants_does_not_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was just starting: what it says when it is asked for the reason is that all is well."""
    codes = iter([1, 0])

    def ping(argv: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(argv, next(codes), "READ command succeeded", "")

    monkeypatch.setattr(subprocess, "run", ping)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        master = Address("127.0.0.1", listening.getsockname()[1])
        assert is_granted(NodeSettings(Role.EXECUTE, "execute-1", "lab", master))
