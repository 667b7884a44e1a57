"""What a node's start, and its health process, do about tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roost.contract import Role
from roost.node.settings import NodeSettings
from roost.node.tokens import keys
from roost.node.tokens.access import write_access
from roost.node.tokens.files import locked

if TYPE_CHECKING:
    from roost.node.tokens.approve import Approver
    from roost.node.tokens.renewal import Renewal


def open_access(issuer: str) -> None:
    """Write the HTCondor configuration of keys and revocations. No session outlives a start."""
    with locked():
        write_access(issuer)
        keys.sessions_dropped()


def keep_tokens(settings: NodeSettings) -> Renewal | Approver:
    """What sees to it that no token runs out: a node renews its own, the master approves that."""
    if settings.role is Role.MASTER:
        from roost.node.tokens.approve import Approver

        return Approver()
    from roost.node.tokens.renewal import Renewal

    return Renewal(settings.node)
