"""Invites that come with a stack, and what its master has to know of them (:mod:`roost.promise`)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from roost import contract
from roost.condor.idtoken import sign_token
from roost.contract import Role
from roost.invitation import Invitation
from roost.invitation import encode as encode_invite
from roost.plan.names import SUBMIT_NODE
from roost.promise import Promise, PromisedInvite
from roost.promise import encode as encode_promise

LONGEST_S = 365 * 24 * 3600
"""Longer than an invite that is asked for: nobody is there to make another one where a stack starts nodes."""
_KEY_BYTES = 64
_USES = 1_000_000
"""An executor that comes up elsewhere is a new node: as many as a stack ever starts."""


@dataclass(frozen=True)
class StackSecrets:
    """The secrets of a stack, as the texts of their files."""

    promise: str
    """For the master alone."""
    invites: Mapping[Role, str]
    """For the nodes of each role."""

    def __repr__(self) -> str:
        return "<secrets of a stack>"


def make_secrets(pool: str, master: str, *, life_s: float, now: float) -> StackSecrets:
    """New ones; ``master`` is where nodes reach theirs."""
    key_id = f"{contract.DOOR_KEY_PREFIX}{secrets.token_hex(4)}"
    key = secrets.token_bytes(_KEY_BYTES)
    nodes = {Role.SUBMIT: SUBMIT_NODE, Role.EXECUTE: None}
    promised = {
        role: PromisedInvite(secrets.token_hex(4), role, _USES, now, now + life_s, node)
        for role, node in nodes.items()
    }
    promise = Promise(key_id, key, tuple(promised.values()))
    invites = {
        role: encode_invite(_invitation(pool, master, promise, one)) + "\n"
        for role, one in promised.items()
    }
    return StackSecrets(encode_promise(promise), invites)


def _invitation(pool: str, master: str, promise: Promise, one: PromisedInvite) -> Invitation:
    claims = {
        "sub": contract.invite_identity(one.id, pool),
        "iss": contract.trust_domain(pool),
        "iat": int(one.created),
        "exp": int(one.ends),
        "jti": secrets.token_hex(16),
        # A token without a scope would allow all that its identity may.
        "scope": "condor:/ALLOW",
    }
    return Invitation(
        id=one.id,
        pool=pool,
        role=one.role,
        master=master,
        certificate="",
        name="",
        ends=one.ends,
        token=sign_token(promise.key, promise.key_id, claims),
        node=one.node,
    )
