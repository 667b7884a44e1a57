"""The invite that a node was given, as a file in its volume or mounted over it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from roost import contract
from roost.invitation import MOST_BYTES, Invitation, InvitationError, decode
from roost.logline import Level
from roost.node.say import NodeError, say
from roost.node.settings import NodeSettings

_PLACES = (Path(contract.INVITE_FILE), Path(contract.INVITE_SECRET))


def find_invite(places: Sequence[Path] = _PLACES) -> Invitation | None:
    """The invite in the first place that has one. Raises :class:`NodeError`; nothing of it stands in that."""
    return next((found for found in map(_read, places) if found), None)


def _read(path: Path) -> Invitation | None:
    try:
        with path.open(encoding="ascii") as file:
            text = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise NodeError(f"{path} is no invite: it holds more than plain text") from None
    except OSError as error:
        raise NodeError(f"the invite {path} cannot be read: {error.strerror or error}") from None
    try:
        return decode(text)
    except InvitationError as error:
        raise NodeError(f"{path}: {error}") from None


def check_invite(invite: Invitation, settings: NodeSettings, now: float) -> None:
    """Raises :class:`NodeError` for an invite that this node cannot use."""
    if invite.role is not settings.role:
        raise NodeError(
            f"the invite {invite.id} is for a node of role {invite.role}, but this image is of role"
            f" {settings.role}: use roost-{invite.role}, or make an invite for {settings.role}"
        )
    if invite.pool != settings.pool:
        raise NodeError(
            f"the invite {invite.id} is for pool {invite.pool}, but {contract.ENV_POOL} says"
            f" {settings.pool}: set {contract.ENV_POOL}={invite.pool}"
        )
    if invite.node not in (None, settings.node):
        raise NodeError(
            f"the invite {invite.id} is for node {invite.node} alone, and this is {settings.node}:"
            f" set {contract.ENV_NODE}={invite.node}"
        )
    if invite.ends < now:
        raise NodeError(
            f"the invite {invite.id} expired {now - invite.ends:.0f} s ago by this node's clock"
            f" ({time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(now))}): where that is right, make another"
            f" one with `roost invite {invite.role}`"
        )


def remove_invite(path: Path = Path(contract.INVITE_FILE)) -> None:
    """It has done its work."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    except OSError:  # mounted, or from a read-only place
        size = path.stat().st_size if os.access(path, os.R_OK) else 0
        if size:
            say(
                f"the invite {path} is mounted and cannot be removed from here: remove its file, it has"
                " done its work",
                level=Level.WARNING,
            )
