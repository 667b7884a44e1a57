"""``roost token list``: who has a token, of which key, and for how long. Never the token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from roost import nodefacts
from roost.engines.protocol import Container, Engine
from roost.errors import RoostError
from roost.nodefacts import Token, from_json
from roost.pool.nodes import ask_node
from roost.pool.threads import engine_threads
from roost.pool.tokens.state import (
    Issued,
    MasterState,
    get_state,
    node_name,
    running,
    token_holders,
)

RENEWAL_OVERDUE = 0.30
"""Of its life left: a node renews its token when a third is left."""


class TokenState(StrEnum):
    """What a token is worth."""

    VALID = "valid"
    EXPIRING = "expiring"
    """It should have been renewed by now."""
    EXPIRED = "expired"
    REVOKED = "revoked"
    OLD_KEY = "old key"
    """Still taken, but signed by a key that a rotation is about to delete."""
    UNKNOWN_KEY = "unknown key"
    """Signed by a key that the master does not have: it is refused."""
    MISSING = "missing"
    UNREADABLE = "unreadable"
    UNKNOWN = "unknown"
    """Of a node that cannot be asked and that the master has no record of."""


@dataclass(frozen=True)
class TokenInfo:
    """A node's token. ``here``: this engine holds the node; what is said of others is the master's
    record. Times in seconds of the epoch."""

    node: str
    identity: str
    key: str
    issued: float | None
    expires: float | None
    state: TokenState
    here: bool

    def to_json(self) -> dict[str, object]:
        """For ``json.dumps``."""
        return asdict(self)


def list_tokens(engine: Engine, pool: str) -> list[TokenInfo]:
    """Every node that has a token, as the node itself says where it can be asked. By name."""
    state = get_state(engine, pool)
    containers = token_holders(engine, pool)
    seen = look_at_tokens(engine, running(containers))
    return list_from(state, [node_name(container) for container in containers], seen)


def look_at_tokens(engine: Engine, containers: list[Container]) -> dict[str, Token]:
    """What each node says of its token; nothing of a node that does not answer."""

    def look(container: Container) -> tuple[str, Token] | None:
        try:
            return node_name(container), from_json(
                Token, ask_node(engine, container.name, ["token"])
            )
        except (RoostError, ValueError, TypeError, KeyError):
            return None

    with engine_threads() as threads:
        return dict(found for found in threads.map(look, containers) if found)


def list_from(state: MasterState, here: list[str], seen: Mapping[str, Token]) -> list[TokenInfo]:
    """The list, from what everybody said. Pure."""
    issued = {state.node_of(one.identity): one for one in state.issued}
    nodes = {*here, *issued, *(state.node_of(identity) for identity in state.revoked)}
    return [
        _info(state, node, node in here, seen.get(node), issued.get(node)) for node in sorted(nodes)
    ]


def _info(
    state: MasterState, node: str, here: bool, token: Token | None, record: Issued | None
) -> TokenInfo:
    identity = f"{node}@{state.domain}"
    key, issued, expires = "", None, None
    if token:
        key, issued, expires = token.key, token.issued, token.expires
    elif record:
        key, issued, expires = record.key, record.issued, record.expires
    return TokenInfo(
        node, identity, key, issued, expires, _judge(state, identity, token, record), here
    )


def _judge(
    state: MasterState, identity: str, token: Token | None, record: Issued | None
) -> TokenState:
    if identity in state.revoked:
        return TokenState.REVOKED
    if token and token.state is not nodefacts.TokenState.READABLE:
        is_missing = token.state is nodefacts.TokenState.MISSING
        return TokenState.MISSING if is_missing else TokenState.UNREADABLE
    known = token or record
    if known is None:
        return TokenState.UNKNOWN
    if known.expires is not None and known.expires < state.clock:
        return TokenState.EXPIRED
    if known.key != state.issuer:
        return TokenState.OLD_KEY if known.key in state.old_keys else TokenState.UNKNOWN_KEY
    if known.expires is None or known.issued is None:
        return TokenState.VALID
    left_s, life_s = known.expires - state.clock, known.expires - known.issued
    return TokenState.EXPIRING if left_s < RENEWAL_OVERDUE * life_s else TokenState.VALID
