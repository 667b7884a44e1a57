"""Tokens that are none: refused, with the reason and the peer in the collector's logs."""

from __future__ import annotations

import pytest

from roost import contract
from tests.e2e.attacks import wire
from tests.e2e.attacks.arena import UNAUTHENTICATED, Arena, Denial
from tests.e2e.attacks.credentials import Credential

pytestmark = pytest.mark.engine

_SECURITY_LOG = contract.SECURITY_LOG.rpartition("/")[2]
_REASONS = {
    Credential.EXPIRED: r"User token has been expired for \d+ seconds",
    Credential.OTHER_DOMAIN: r"User token with payload .*elsewhere\.pool.* has been revoked",
    Credential.OTHER_KEY: r"Failed to fetch key named key-ffffffff",
    Credential.FORGED: r"Hash supplied by client doesn't match",
    Credential.TAMPERED: r"Hash supplied by client doesn't match",
}


@pytest.mark.parametrize("credential", list(_REASONS), ids=str)
def test_a_bad_token_is_refused_with_a_reason(arena: Arena, credential: Credential) -> None:
    """On the weak pool, who holds it is let in, as is everybody."""
    if arena.weak:
        asked = arena.attempt("condor_status -pool $MASTER -af Name", credential)
        assert "slot1@" in asked
        return
    why = Denial(_REASONS[credential], log=_SECURITY_LOG)
    who = Denial(UNAUTHENTICATED)
    reasons, refusals = arena.log_since(why), arena.log_since(who)
    said = arena.attempt(wire.SCRIPT, credential)
    reason = arena.sees(why, reasons, said)
    refusal = arena.sees(who, refusals, said)
    assert "D_SECURITY" in reason
    assert "IDTOKENS" in refusal
    assert "slot1@" not in said
    signature = arena.token(credential).rpartition(".")[2]
    assert signature not in reasons() + refusals()
