"""What the master remembers of tokens: whose are revoked, and who got one of which key.

Neither file holds a token. Both are read and written under :func:`roost.node.tokens.files.locked`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from roost import contract
from roost.node.say import NodeError
from roost.node.tokens.files import read_record, replace_file


class Revocation(NamedTuple):
    """No token of ``identity`` is taken that was issued at ``until`` (seconds of the epoch) or before.

    ``denied``: nothing at all is taken from it, not even over a session from before; until it is let
    in again.
    """

    identity: str
    until: int
    denied: bool = True


class Issued(NamedTuple):
    """The latest token of ``identity``: its key, and its times in seconds of the epoch."""

    identity: str
    key: str
    issued: float
    expires: float


def read_revocations(path: Path = Path(contract.REVOKED_FILE)) -> list[Revocation]:
    """Sorted by identity. Raises :class:`NodeError` for a damaged file."""
    record = read_record(path)
    try:
        return sorted(
            (
                Revocation(str(identity), int(one["until"]), bool(one["denied"]))
                for identity, one in record.items()
            ),
            key=lambda revocation: revocation.identity,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NodeError(f"{path} holds what is no revocation ({error!r})") from None


def write_revocations(
    revocations: Iterable[Revocation], path: Path = Path(contract.REVOKED_FILE)
) -> None:
    """Replace the file."""
    record = {one.identity: {"until": one.until, "denied": one.denied} for one in revocations}
    replace_file(path, json.dumps(record))


def readmitted(identity: str) -> Revocation:
    """The revocation of who is let in again. Whatever was issued until now stays refused, also what was
    fetched over a session before the denial was in force; what is issued from the return on is younger.
    """
    now = int(time.time())
    time.sleep(max(0.0, now + 1 - time.time()))
    return Revocation(identity, now, denied=False)


def denied_identities(revocations: Iterable[Revocation]) -> set[str]:
    """Those that nothing is taken from."""
    return {one.identity for one in revocations if one.denied}


def read_issued(path: Path = Path(contract.ISSUED_FILE)) -> dict[str, Issued]:
    """By identity. Raises :class:`NodeError` for a damaged file."""
    record = read_record(path)
    try:
        return {
            str(identity): Issued(
                str(identity), str(one["key"]), float(one["issued"]), float(one["expires"])
            )
            for identity, one in record.items()
        }
    except (KeyError, TypeError, ValueError) as error:
        raise NodeError(f"{path} holds what is no record of a token ({error!r})") from None


def record_issued(
    tokens: Iterable[Issued], now: float, path: Path = Path(contract.ISSUED_FILE)
) -> None:
    """Note new tokens, and forget those that have expired."""
    issued = read_issued(path) | {one.identity: one for one in tokens}
    current = {name: one for name, one in issued.items() if one.expires >= now}
    _write(current, path)


def _write(issued: Mapping[str, Issued], path: Path) -> None:
    plain = {name: one._asdict() for name, one in issued.items()}
    for one in plain.values():
        del one["identity"]
    replace_file(path, json.dumps(plain))


def holders(issued: Mapping[str, Issued], key: str, *, denied: set[str], now: float) -> list[str]:
    """Identities whose latest token is of that key and still good, sorted."""
    return sorted(
        one.identity
        for one in issued.values()
        if one.key == key and one.expires >= now and one.identity not in denied
    )
