"""What a token says of itself (RFC 7519), without its signature: only the master can check that."""

from __future__ import annotations

import base64
import json
from typing import Any, NamedTuple


class Claims(NamedTuple):
    """Of one token. ``issued`` and ``expires`` in seconds of the epoch; None where it does not say."""

    key: str
    identity: str
    issuer: str
    issued: float | None
    expires: float | None
    id: str = ""


def read_claims(token: str) -> Claims:
    """Raises ValueError for what is no token."""
    header_text, payload_text, _signature = token.strip().split(".")
    header, payload = _part(header_text), _part(payload_text)
    return Claims(
        key=str(header.get("kid", "")),
        identity=str(payload.get("sub", "")),
        issuer=str(payload.get("iss", "")),
        issued=_moment(payload.get("iat")),
        expires=_moment(payload.get("exp")),
        id=str(payload.get("jti", "")),
    )


def _part(text: str) -> dict[str, Any]:
    value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(value, dict):
        raise ValueError("no claims")
    return value


def _moment(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None
