"""``roost-node issue ROLE:NODE…`` on the master: tokens for nodes, as one JSON object on stdout.

The host reads it through the engine's exec and hands each token to its node as a file; it stands in no
argument, environment or log.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from roost import contract
from roost.contract import Role
from roost.node.credential import ensure_signing_key, issue_token
from roost.node.say import NodeError
from roost.node.settings import read_settings
from roost.node.tokens.files import locked
from roost.node.tokens.issuing import await_configuration, note_issued, refuse_revoked

_AT_ONCE = 4
"""Each token is a program's work, 30 ms, for which the start of all nodes waits."""


def issue(requests: list[str]) -> int:
    """Print ``{node: token}`` for every ``role:node`` asked for. None for a revoked node."""
    await_configuration()
    with locked():
        return _issue(requests)


def _issue(requests: list[str]) -> int:
    settings = read_settings(os.environ, os.uname().nodename)
    if settings.role is not Role.MASTER:
        raise NodeError("only the master issues tokens")
    roles = {}
    for request in requests:
        role, _, node = request.partition(":")
        if role not in (Role.SUBMIT, Role.EXECUTE) or not node:
            raise NodeError(f"{request!r}: ask as submit:NODE or execute:NODE")
        if contract.named_for_role(Role(role), node) != node:
            raise NodeError(
                f"{node!r} is no name of a node of that role: it has to start with {role}-"
            )
        refuse_revoked(node, settings.pool)
        roles[node] = Role(role)
    key_id = ensure_signing_key()

    def make(node: str) -> str:
        return issue_token(roles[node], node, settings.pool, key_id)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        tokens = dict(zip(roles, threads.map(make, roles), strict=True))
    note_issued(tokens.values())
    json.dump(tokens, sys.stdout)
    return 0
