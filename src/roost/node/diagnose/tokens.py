"""A node's token, by what it says itself: only the master can tell whether that is true."""

from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path
from typing import Any

from roost import contract
from roost.nodefacts import Token, TokenState

_SCOPE = "condor:/"


def look_at_token(path: Path = Path(contract.TOKEN_FILE)) -> Token:
    """What the token says, but for its signature."""
    try:
        status = path.stat()
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return Token(TokenState.MISSING, f"{path} is not there")
    except (OSError, UnicodeDecodeError) as error:
        return Token(TokenState.UNREADABLE, f"{path} cannot be read: {error}")
    mode = stat.S_IMODE(status.st_mode)
    if status.st_uid != os.geteuid() or mode & 0o077:
        detail = (
            f"{path} belongs to uid {status.st_uid} with mode {mode:o}; it has to be root's, 600"
        )
        return Token(TokenState.UNREADABLE, detail)
    try:
        header, claims = (_part(part) for part in text.split(".")[:2])
    except ValueError:
        return Token(TokenState.UNREADABLE, f"{path} is damaged or cut short")
    issued, expires = claims.get("iat"), claims.get("exp")
    return Token(
        TokenState.READABLE,
        key=str(header.get("kid", "")),
        issuer=str(claims.get("iss", "")),
        subject=str(claims.get("sub", "")),
        issued=float(issued) if isinstance(issued, int | float) else None,
        expires=float(expires) if isinstance(expires, int | float) else None,
        allows=_authorizations(claims.get("scope")),
    )


def _part(text: str) -> dict[str, Any]:
    """One part of a JSON web token (RFC 7519)."""
    value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(value, dict):
        raise ValueError(text)
    return value


def _authorizations(scope: Any) -> tuple[str, ...] | None:
    if not isinstance(scope, str):
        return None
    return tuple(word.removeprefix(_SCOPE) for word in scope.split() if word.startswith(_SCOPE))
