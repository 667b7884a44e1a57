"""Whom the door lets in by itself. Pure: what is known goes in, a decision with its reason comes out.

Fails closed: what no rule vouches for waits for a person, and what no person may approve is refused.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from roost import contract
from roost.contract import Role
from roost.node.door.ledger import Ledger
from roost.node.door.requests import TokenRequest

STRANGER = "unauthenticated@unmapped"
"""As HTCondor names who came by SSL without a certificate of its own."""
MOST_STRANGERS = 32
MOST_PER_ADDRESS = 4
"""Requests of strangers that are looked at, at once: all, and of one address. Others wait for their turn."""


class Answer(Enum):
    """What becomes of a request."""

    APPROVE = "approve"
    WAIT = "wait"
    """For a person."""
    REFUSE = "refuse"
    """It asks for what nobody may get in this way."""
    LEAVE = "leave"
    """To :mod:`roost.node.tokens.approve`, which answers those who renew their own token."""


@dataclass(frozen=True)
class Decision:
    """``reason`` is for people and begins in lower case. ``invite`` is the one that it uses up."""

    answer: Answer
    reason: str
    invite: str | None = None


@dataclass(frozen=True)
class Door:
    """What decisions depend on, beside the request."""

    pool: str
    ledger: Ledger
    revoked: Callable[[str], bool]
    """Whether an identity has been revoked."""


def decide(request: TokenRequest, door: Door, now: float) -> Decision:
    """The answer to one request."""
    problem = find_problem(request, door)
    if problem:
        return Decision(Answer.REFUSE, problem)
    if request.asker == request.identity:
        return Decision(Answer.LEAVE, "it renews its own token")
    invite = contract.invite_of(request.asker, door.pool)
    if invite is not None:
        return _by_invite(request, door, invite, now)
    if request.asker != STRANGER:
        return Decision(Answer.REFUSE, f"{request.asker} may ask for no identity but its own")
    return _by_range(request, door, now)


def find_problem(request: TokenRequest, door: Door) -> str | None:
    """Why nobody, not even a person, may approve it; None where somebody may."""
    role = role_of_identity(request.identity, door.pool)
    if role is None:
        return (
            f"{request.identity} is no identity of a node of pool {door.pool}: such a one is"
            f" submit-NAME@{contract.trust_domain(door.pool)} or execute-NAME@…"
        )
    wanted, allowed = set(request.authorizations), set(contract.ROLE_AUTHORIZATIONS[role])
    if wanted != allowed:
        return (
            f"it asks for {', '.join(sorted(wanted)) or 'every authorization'}, but the role"
            f" {role} has {', '.join(sorted(allowed))}"
        )
    if request.lifetime_s is None or request.lifetime_s <= 0:
        return "its token would live for ever: set SEC_ISSUED_TOKEN_EXPIRATION on the master"
    if door.revoked(request.identity):
        return f"{request.identity} has been revoked"
    return None


def role_of_identity(identity: str, pool: str) -> Role | None:
    """The role of a node's identity; None for an identity of anything else, or of another pool."""
    node, _, domain = identity.partition("@")
    if domain != contract.trust_domain(pool) or not contract.is_node_name(node):
        return None
    return contract.role_of_node(node)


def _by_invite(request: TokenRequest, door: Door, invite_id: str, now: float) -> Decision:
    invite = door.ledger.invites.get(invite_id)
    if invite is None:
        return Decision(Answer.REFUSE, f"this master knows no invite {invite_id}")
    node = request.identity.partition("@")[0]
    role = role_of_identity(request.identity, door.pool)
    problem = invite.problem(now)
    if problem is None and role is not invite.role:
        problem = f"is for a node of role {invite.role}, not {role}"
    if problem is None and invite.node not in (None, node):
        problem = f"is for node {invite.node} alone"
    if problem is None and invite.node is None:
        problem = _name_problem(node, door.ledger)
    if problem:
        return Decision(Answer.REFUSE, f"invite {invite_id} {problem}")
    return Decision(Answer.APPROVE, f"invite {invite_id} vouches for it", invite_id)


def _by_range(request: TokenRequest, door: Door, now: float) -> Decision:
    opened = [one for one in door.ledger.ranges if one.ends > now and within(request, one.network)]
    if not opened:
        return Decision(Answer.WAIT, "nothing vouches for it")
    node = request.identity.partition("@")[0]
    problem = _name_problem(node, door.ledger)
    if problem:
        return Decision(Answer.WAIT, f"its address is in {opened[0].network}, but it {problem}")
    return Decision(Answer.APPROVE, f"the network {opened[0].network} is open")


def _name_problem(node: str, ledger: Ledger) -> str | None:
    """Nobody becomes a node that is there already: its jobs and its place in the pool are its own."""
    if contract.is_given_name(node):
        return f"cannot give the name {node}, which belongs to the pool's own nodes"
    if node in ledger.admitted:
        return f"cannot give the name {node}, which another node has: choose another"
    return None


def within(request: TokenRequest, network: str) -> bool:
    """Whether the request came from that network."""
    try:
        return ipaddress.ip_address(request.address) in ipaddress.ip_network(network)
    except ValueError:
        return False


def select(requests: Iterable[TokenRequest]) -> tuple[list[TokenRequest], int]:
    """Those that are looked at, and the number of others: strangers cannot crowd out who has a
    credential, nor one of them all the others."""
    chosen, left = [], 0
    by_address: Counter[str] = Counter()
    for request in requests:
        if request.asker == STRANGER:
            if (
                by_address[request.address] >= MOST_PER_ADDRESS
                or by_address.total() >= MOST_STRANGERS
            ):
                left += 1
                continue
            by_address[request.address] += 1
        chosen.append(request)
    return chosen, left
