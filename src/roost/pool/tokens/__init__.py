"""Tokens and signing keys of a pool: looking at them, revoking a node, changing the key.

The master decides and remembers (``roost-node tokens``); the host carries tokens to the nodes that its
engine holds, and asks each to prove that it works with its new one.
"""

from roost.pool.tokens.list import TokenInfo, TokenState, list_tokens
from roost.pool.tokens.revoke import RevokeResult, readmit_node, revoke_node
from roost.pool.tokens.rotate import RotateResult, rotate_key

__all__ = [
    "RevokeResult",
    "RotateResult",
    "TokenInfo",
    "TokenState",
    "list_tokens",
    "readmit_node",
    "revoke_node",
    "rotate_key",
]
