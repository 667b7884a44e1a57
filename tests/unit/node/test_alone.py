"""What a node must have for itself: its volume, and its port."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from roost.contract import Role
from roost.node.alone import check_port, hold_volume
from roost.node.say import NodeError


def test_a_volume_has_one_node_at_a_time(tmp_path: Path) -> None:
    held = hold_volume(tmp_path)
    with pytest.raises(NodeError, match="another container runs on this node's volume"):
        hold_volume(tmp_path)
    os.close(held)
    os.close(hold_volume(tmp_path))


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_a_port_that_is_taken(host: str) -> None:
    with socket.create_server((host, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(NodeError, match=f"port {port} is taken .* ROOST_PORT={port + 1}"):
            check_port(port, Role.SUBMIT)
        with pytest.raises(NodeError, match="a master has no other port"):
            check_port(port, Role.MASTER)
    check_port(port, Role.SUBMIT)
