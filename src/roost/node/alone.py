"""What a node must have for itself: its volume, and its port."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError

LOCK = ".in-use"


def hold_volume(directory: Path = Path(contract.STATE_DIR)) -> int:
    """Take the volume for as long as this process lives; returns what holds it.

    Raises :class:`NodeError` while another container has it, as that of a second master of the same pool:
    two collectors, or two schedds, on one spool destroy each other's state.
    """
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise NodeError(
            f"another container runs on this node's volume ({directory}): a pool has one master, and no two"
            " nodes share a volume. Stop the other one, or give this one a volume of its own"
        ) from None
    except OSError:  # a file system without locks
        pass
    return descriptor


def check_port(port: int, role: Role) -> None:
    """Raise :class:`NodeError` where something listens at this node's port already, as on a host's own
    network, which nodes may share."""
    for family, everywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104
        with suppress(OSError), socket.socket(family) as probe:  # there may be no IPv6
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((everywhere, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    mend = (
                        "a master has no other port, so stop what listens there"
                        if role is Role.MASTER
                        else f"give this node another one: -e {contract.ENV_PORT}={port + 1}"
                    )
                    raise NodeError(
                        f"port {port} is taken on this node's network, which is its host's; {mend}"
                    ) from None
