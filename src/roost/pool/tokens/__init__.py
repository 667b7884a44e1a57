"""Tokens and signing keys of a pool: looking at them, revoking a node or a user, changing the key.

The master decides and remembers (``roost-node tokens``); the host carries tokens to the nodes that its
engine holds, and asks each to prove that it works with its new one.
"""

from roost.pool.tokens.list import TokenInfo, TokenState, list_tokens
from roost.pool.tokens.revoke import RevokeResult, readmit_node, revoke_node
from roost.pool.tokens.rotate import RotateResult, rotate_key
from roost.pool.tokens.users import (
    NewUserToken,
    UserRevoked,
    UserToken,
    create_user_token,
    list_user_tokens,
    revoke_user,
)

__all__ = [
    "NewUserToken",
    "RevokeResult",
    "RotateResult",
    "TokenInfo",
    "TokenState",
    "UserRevoked",
    "UserToken",
    "create_user_token",
    "list_tokens",
    "list_user_tokens",
    "readmit_node",
    "revoke_node",
    "revoke_user",
    "rotate_key",
]
