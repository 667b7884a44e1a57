"""What the submit node remembers of users' tokens: when each was issued and ends. Never the token."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from roost import contract
from roost.node.say import NodeError
from roost.node.tokens.files import read_record, replace_file

_KEPT_S = 30 * 24 * 3600
"""How long a token that has expired is still told of."""


class UserToken(NamedTuple):
    """One token: ``id`` is what it names itself by (``jti``); times in seconds of the epoch."""

    user: str
    id: str
    key: str
    issued: float
    expires: float


def read_tokens(path: Path = Path(contract.USER_TOKENS_FILE)) -> list[UserToken]:
    """By user, then by time. Raises :class:`NodeError` for a damaged file."""
    record = read_record(path)
    try:
        found = [UserToken(**one) for one in record.get("tokens", [])]
        return sorted(found, key=lambda one: (one.user, one.issued))
    except (TypeError, ValueError) as error:
        raise NodeError(f"{path} holds what is no record of a token ({error!r})") from None


def record_token(
    token: UserToken, now: float, path: Path = Path(contract.USER_TOKENS_FILE)
) -> None:
    """Note a new token, and forget those that expired long ago. To be called under the lock."""
    _write((one for one in [*read_tokens(path), token] if one.expires + _KEPT_S >= now), path)


def _write(tokens: Iterable[UserToken], path: Path) -> None:
    replace_file(path, json.dumps({"tokens": [one._asdict() for one in tokens]}))
