"""Tokens made without HTCondor. That HTCondor takes them, tests/hosts/test_swarm.py shows."""

from __future__ import annotations

from roost.condor.idtoken import sign_token
from roost.node.tokens.claims import read_claims

KEY = bytes(range(64))


def test_a_token_says_its_claims_and_its_key() -> None:
    token = sign_token(KEY, "door-0a1b2c3d", {"sub": "somebody@lab.pool", "iat": 1, "exp": 2})
    claims = read_claims(token)
    assert (claims.key, claims.identity, claims.expires) == (
        "door-0a1b2c3d",
        "somebody@lab.pool",
        2,
    )
    assert "=" not in token


def test_another_key_or_another_claim_is_another_signature() -> None:
    signatures = {
        sign_token(key, "door-0a1b2c3d", {"sub": name}).rpartition(".")[2]
        for key in (KEY, KEY[::-1])
        for name in ("one", "other")
    }
    assert len(signatures) == 4
