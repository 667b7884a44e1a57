"""What the door remembers, in the master's volume: invites, opened networks, and who was let in."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError

_VERSION = 1
_KEPT_S = 7 * 24 * 3600.0
"""How long an invite that can no longer be used is still listed."""


class Invite(NamedTuple):
    """Who has it may have a node of its role let in, ``uses`` times, until ``ends`` (epoch)."""

    id: str
    role: Role
    uses: int
    created: float
    ends: float
    node: str | None = None
    """The one name that it is good for; None: any that is free."""
    used_by: tuple[str, ...] = ()
    revoked: bool = False

    def problem(self, now: float) -> str | None:
        """Why it is good no more, as the end of a sentence that starts with it; None where it is."""
        if self.revoked:
            return "has been revoked"
        if len(self.used_by) >= self.uses:
            return f"is used up: {', '.join(self.used_by)} joined with it"
        if now >= self.ends:
            return f"expired {now - self.ends:.0f} s ago"
        return None


class OpenRange(NamedTuple):
    """A network whose nodes are let in until ``ends`` (epoch)."""

    network: str
    ends: float


class Ledger:
    """All of it. ``admitted`` says of each node's name how and when it came in; ``told`` holds the ids
    of requests that the log has named."""

    def __init__(
        self,
        invites: dict[str, Invite] | None = None,
        ranges: tuple[OpenRange, ...] = (),
        admitted: dict[str, dict[str, Any]] | None = None,
        told: tuple[str, ...] = (),
    ) -> None:
        self.invites = invites or {}
        self.ranges = ranges
        self.admitted = admitted or {}
        self.told = told

    def admit(self, node: str, how: str, now: float, address: str = "") -> None:
        """Note that the node got a token, and from where it asked for it."""
        self.admitted[node] = {"how": how, "at": round(now, 3), "from": address}

    def use(self, invite: str, node: str) -> None:
        """Count one use of an invite."""
        one = self.invites[invite]
        self.invites[invite] = one._replace(used_by=(*one.used_by, node))

    def forget_old(self, now: float) -> None:
        """Drop what nobody asks for any more."""
        self.ranges = tuple(one for one in self.ranges if one.ends > now)
        self.invites = {key: one for key, one in self.invites.items() if one.ends + _KEPT_S > now}


@contextmanager
def open_ledger(directory: Path = Path(contract.DOOR_DIR)) -> Iterator[Ledger]:
    """The ledger, for one process at a time. What was changed is kept unless an error leaves the block.

    Raises :class:`NodeError` for a ledger that cannot be read: nothing is decided without it.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / "ledger.json"
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        ledger = _parse(before, path)
        yield ledger
        save(ledger, directory)
    finally:
        os.close(lock)


def read_admitted(directory: Path = Path(contract.DOOR_DIR)) -> dict[str, dict[str, Any]]:
    """Whom the door let in, without a wait for who has the ledger open; nobody where it cannot be read."""
    path = directory / "ledger.json"
    try:
        return _parse(path.read_text(encoding="utf-8"), path).admitted
    except (OSError, NodeError):
        return {}


def save(ledger: Ledger, directory: Path = Path(contract.DOOR_DIR)) -> None:
    """Write it now, by its whole or not at all. For those who hold it open."""
    plain = {
        "version": _VERSION,
        "invites": {key: one._asdict() for key, one in ledger.invites.items()},
        "ranges": [one._asdict() for one in ledger.ranges],
        "admitted": ledger.admitted,
        "told": ledger.told,
    }
    new = directory / "ledger.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(plain, file)
        file.flush()
        os.fsync(file.fileno())
    new.rename(directory / "ledger.json")


def _parse(text: str, path: Path) -> Ledger:
    if not text:
        return Ledger()
    try:
        plain = json.loads(text)
        if plain["version"] != _VERSION:
            raise ValueError(plain["version"])
        return Ledger(
            {key: _invite(one) for key, one in plain["invites"].items()},
            tuple(OpenRange(one["network"], float(one["ends"])) for one in plain["ranges"]),
            dict(plain["admitted"]),
            tuple(plain["told"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NodeError(f"{path} is damaged or of another version of Roost: {error!r}") from None


def _invite(plain: dict[str, Any]) -> Invite:
    return Invite(**{**plain, "role": Role(plain["role"]), "used_by": tuple(plain["used_by"])})
