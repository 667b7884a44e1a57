"""Tokens: what each says, and whether the master takes it."""

from __future__ import annotations

from collections.abc import Iterator

from roost import contract
from roost.contract import Role
from roost.nodefacts import Token, TokenState
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.facts import Facts, NodeSeen
from roost.pool.doctor.finding import Finding
from roost.pool.doctor.words import duration

SOON = 0.30
"""Of its life left: a node renews its token when a third is left."""


def check_tokens(facts: Facts) -> Iterator[Finding]:
    """Every node but the master has a token that is enough for its role, of a key that the master has."""
    for node, told in facts.answering:
        if node.role is Role.MASTER or told.token is None:
            continue
        trouble = _trouble(facts, node, told.token)
        if trouble is not None:
            cause, seen = trouble
            mend = facts.made_anew(node)
            yield Finding(cause, seen=seen, mend=mend, nodes=(node.name,))


def _trouble(facts: Facts, node: NodeSeen, token: Token) -> tuple[Cause, str] | None:
    """The first thing that is wrong with a token, in words."""
    if token.state is TokenState.MISSING:
        return Cause.TOKEN_MISSING, token.detail
    if token.state is TokenState.UNREADABLE:
        return Cause.TOKEN_UNREADABLE, token.detail
    domain = contract.trust_domain(facts.pool)
    if token.issuer != domain:
        return Cause.TOKEN_OTHER_POOL, f"it was issued by {token.issuer}; this pool is {domain}"
    left_s = None if token.expires is None else token.expires - facts.now
    if left_s is not None and left_s < 0:
        return Cause.TOKEN_EXPIRED, f"it expired {duration(left_s)} ago"
    keys = facts.master.facts.keys if facts.master and facts.master.facts else ()
    if keys and token.key not in keys:
        return (
            Cause.TOKEN_UNKNOWN_KEY,
            f"it was signed by {token.key}, which the master does not have",
        )
    needed = set(contract.ROLE_AUTHORIZATIONS[node.role])
    missing = sorted(needed - set(token.allows)) if token.allows is not None else []
    if missing:
        return Cause.TOKEN_TOO_NARROW, f"it lacks {', '.join(missing)}"
    if left_s is not None and left_s < SOON * _life_s(token):
        return Cause.TOKEN_EXPIRES_SOON, f"it expires in {duration(left_s)}"
    return None


def _life_s(token: Token) -> float:
    if token.issued is None or token.expires is None:
        return contract.TOKEN_LIFETIME_S
    return token.expires - token.issued


def check_refusals(facts: Facts) -> Iterator[Finding]:
    """The collector lets every node do its role's work. Where that is not so, another finding may say
    why; this one goes then."""
    for node, told in facts.answering:
        if told.road and told.road.refusal and facts.collector_lives:
            yield Finding(
                Cause.MASTER_REFUSES,
                seen=told.road.refusal,
                mend=f"see why: {facts.inside('master', f'tail {contract.LOG_DIR}/CollectorLog')}",
                nodes=(node.name,),
            )
