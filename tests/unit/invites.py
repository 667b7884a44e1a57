"""An invite as tests hold it."""

from __future__ import annotations

from roost.contract import Role
from roost.invitation import Invitation


def make_invite(ends: float) -> Invitation:
    """For one executor of pool lab; ``ends`` in seconds of the epoch."""
    return Invitation(
        id="0a1b2c3d",
        pool="lab",
        role=Role.EXECUTE,
        master="192.0.2.1:9618",
        certificate="ab" * 32,
        name="master.lab.pool",
        ends=ends,
        token="header.claims.c2lnbmF0dXJl",
    )
