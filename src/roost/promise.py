"""Invites that are made before the master is: what the master has to know of them.

An invite is a token that its master has signed. Where a pool is brought up all at once, as a stack of
services, nobody can ask the master for one. So whoever writes the stack makes a key, signs the invites with
it, and hands the key to the master alone, as a secret file; the master takes it for one of its own. The key
is worth as much as the pool's signing key; an invite lets a node of its role in, and nothing else.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import NamedTuple

from roost import contract
from roost.contract import Role

_VERSION = 1
_KEY_ID = re.compile(rf"{contract.DOOR_KEY_PREFIX}[0-9a-f]{{8}}")
LEAST_KEY_BYTES = 32


class PromiseError(ValueError):
    """What is wrong with the text, in words that hold nothing of it."""


class PromisedInvite(NamedTuple):
    """An invite as the master's ledger has it: good for ``uses`` nodes of a role, until ``ends`` (epoch)."""

    id: str
    role: Role
    uses: int
    created: float
    ends: float
    node: str | None = None


class Promise(NamedTuple):
    """The key, as its file holds it, and the invites that it has signed."""

    key_id: str
    key: bytes
    invites: tuple[PromisedInvite, ...]

    def __repr__(self) -> str:
        return f"<promise of {self.key_id}: {', '.join(one.id for one in self.invites)}>"


def encode(promise: Promise) -> str:
    """The text of the secret."""
    plain = {
        "version": _VERSION,
        "key_id": promise.key_id,
        "key": base64.b64encode(promise.key).decode(),
        "invites": [one._asdict() for one in promise.invites],
    }
    return json.dumps(plain) + "\n"


def decode(text: str) -> Promise:
    """Read it. Raises :class:`PromiseError`."""
    try:
        plain = json.loads(text)
        if plain["version"] != _VERSION:
            raise PromiseError(
                f"it is of version {plain['version']!r}, and this Roost reads version {_VERSION}: export the"
                " stack anew"
            )
        key = base64.b64decode(plain["key"], validate=True)
        invites = tuple(
            PromisedInvite(**{**one, "role": Role(one["role"])}) for one in plain["invites"]
        )
        if not _KEY_ID.fullmatch(plain["key_id"]) or len(key) < LEAST_KEY_BYTES:
            raise ValueError
        return Promise(plain["key_id"], key, invites)
    except PromiseError:
        raise
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise PromiseError("it is damaged or cut short: export the stack anew") from None
