"""What the master minds when it issues a token: how long it lives, for whom it is none, and noting it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from functools import lru_cache

from roost import contract
from roost.node import configured
from roost.node.say import NodeError
from roost.node.tokens.claims import read_claims
from roost.node.tokens.keys import issuer_of
from roost.node.tokens.records import (
    Issued,
    denied_identities,
    read_revocations,
    record_issued,
)

_CONFIGURATION_TIMEOUT_S = 30.0
_SHORTEST_S = 60
"""A token has to be renewed in a third of its life."""


def await_configuration() -> None:
    """A master that has just begun has no signing key, nor written which lifetime the operator wants."""
    if not configured.await_configuration(time.monotonic() + _CONFIGURATION_TIMEOUT_S):
        raise NodeError(f"the master has written no {contract.CONFIG_FILE}: see its log")


@lru_cache
def token_lifetime_s() -> int:
    """As HTCondor's knob for it says. Raises :class:`NodeError`."""
    argv = ["condor_config_val", "SEC_ISSUED_TOKEN_EXPIRATION"]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False)
    text = asked.stdout.strip()
    if not text.isdecimal() or int(text) < _SHORTEST_S:
        raise NodeError(
            f"SEC_ISSUED_TOKEN_EXPIRATION is {text!r}: it must be a number of seconds from "
            f"{_SHORTEST_S}, such as {contract.TOKEN_LIFETIME_S} for 30 days"
        )
    return int(text)


def is_revoked(identity: str) -> bool:
    """Whether nothing is taken from that identity."""
    return identity in denied_identities(read_revocations())


def refuse_revoked(node: str, pool: str) -> None:
    """Whom the operator has revoked gets nothing until the operator takes that back."""
    if is_revoked(contract.node_identity(node, pool)):
        raise NodeError(
            f"{node} is revoked and gets no token; let it in again with "
            f"`roost token revoke --undo {node}`"
        )


def note_issued(tokens: Iterable[str]) -> None:
    """Record new tokens. To be called under the lock."""
    now = time.time()
    claims = [read_claims(token) for token in tokens]
    record_issued(
        (Issued(one.identity, one.key, one.issued or now, one.expires or now) for one in claims),
        now,
    )


def note_approved(identity: str, lifetime_s: float) -> None:
    """Record that the identity got a token of the issuing key. To be called under the lock, after the
    approval: where that failed, its old token's key has to stay."""
    now = time.time()
    record_issued([Issued(identity, issuer_of(), now, now + lifetime_s)], now)
