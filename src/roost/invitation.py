"""An invite: one line of text that lets a node from elsewhere get a token of its own.

``roost-invite-1.<what it says>.<check>``: a version, JSON in base64 without padding (RFC 4648, section 5),
and the start of the SHA-256 of both, so that a line that was cut short or mistyped is told from a false one.
The text is a secret: who has it may have a node let in, as often and as long as the master says, and
nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, fields
from typing import Any

from roost import contract
from roost.contract import Role

_PREFIX = "roost-invite-"
VERSION = 1
MOST_BYTES = 16384
LONGEST_S = 30 * 24 * 3600
_CHECK_CHARACTERS = 12
_HEX = re.compile(r"[0-9a-f]{64}")
_SUITE = re.compile(r"[a-z]{1,32}")
_MEND = "make another one: roost invite ROLE"


class InvitationError(ValueError):
    """What is wrong with a text that should be an invite, in words that hold nothing of it."""


@dataclass(frozen=True)
class Invitation:
    """What an invite says. ``ends`` is in seconds of the epoch, by the master's clock."""

    id: str
    pool: str
    role: Role
    master: str
    """Where the master is reached: ``host`` or ``host:port``."""
    certificate: str
    """SHA-256 of the certificate that the master has to show, as hexadecimal digits. Empty for an invite that
    is older than its master: who takes the token is the master, since nobody else has its key."""
    name: str
    """The host name that the master's certificate is for; empty likewise."""
    ends: float
    token: str
    """Proves to the master that this is its invite."""
    node: str | None = None
    """The one name that it is good for; None: any that is free."""
    suite: str | None = None
    """The Debian release of the master's image, so that the node's is of the same; None: not known."""

    def __repr__(self) -> str:
        return f"<invite {self.id} for a node of role {self.role} of pool {self.pool}>"


def life_problem(life_s: float, longest_s: int = LONGEST_S) -> str | None:
    """Why no invite may be good for so many seconds; None for a good time."""
    if 1 <= life_s <= longest_s:
        return None
    days = longest_s // 86400
    return f"an invite lives from 1 s to {longest_s} s ({days} days), not {life_s:.15g} s"


def encode(invitation: Invitation) -> str:
    """The one line."""
    plain = {field.name: getattr(invitation, field.name) for field in fields(invitation)}
    text = json.dumps(plain, separators=(",", ":"))
    body = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    line = f"{_PREFIX}{VERSION}.{body}"
    return f"{line}.{_check(line)}"


def decode(text: str) -> Invitation:
    """Read an invite. Raises :class:`InvitationError`."""
    line = "".join(text.split())  # a terminal or a mail may have broken it
    if not line:
        raise InvitationError(f"the invite is empty; {_MEND}")
    version, body, check = _split(line)
    if version != str(VERSION):
        raise InvitationError(
            f"this is an invite of version {version[:8]!r}, and this Roost reads version {VERSION}:"
            " use the same Roost here as where it was made"
        )
    if check != _check(f"{_PREFIX}{version}.{body}"):
        raise InvitationError(
            f"the invite is damaged or cut short: copy all of its one line, or {_MEND}"
        )
    try:
        return _read(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise InvitationError(f"the invite says something that no master writes; {_MEND}") from None


def _split(line: str) -> tuple[str, str, str]:
    if len(line) > MOST_BYTES or not line.startswith(_PREFIX):
        raise InvitationError(f"this is no invite: one starts with {_PREFIX}{VERSION}.; {_MEND}")
    version, _, rest = line.removeprefix(_PREFIX).partition(".")
    body, _, check = rest.partition(".")
    return version, body, check


def _check(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()[:_CHECK_CHARACTERS]


def _read(plain: dict[str, Any]) -> Invitation:
    made = Invitation(**{**plain, "role": Role(plain["role"]), "ends": float(plain["ends"])})
    texts = [made.id, made.pool, made.master, made.token]
    texts += [made.name, made.certificate] if made.name or made.certificate else []
    if not all(isinstance(text, str) and text and text.isascii() for text in texts):
        raise ValueError
    if made.role not in contract.ROLE_AUTHORIZATIONS:
        raise ValueError
    if made.certificate and not _HEX.fullmatch(made.certificate):
        raise ValueError
    if made.suite is not None and not _SUITE.fullmatch(made.suite):
        raise ValueError
    names = [made.pool, *([made.node] if made.node is not None else [])]
    if not all(contract.is_node_name(name) for name in names) or made.token.count(".") != 2:
        raise ValueError
    return made
