"""``roost-node issue ROLE:NODE…`` on the master: tokens for nodes, as one JSON object on stdout.

The host reads it through the engine's exec and hands each token to its node as a file; it stands in no
argument, environment or log.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.node.credential import ensure_signing_key, issue_token
from roost.node.say import NodeError
from roost.node.settings import read_settings
from roost.node.tokens.claims import read_claims
from roost.node.tokens.files import locked
from roost.node.tokens.records import (
    Issued,
    denied_identities,
    read_revocations,
    record_issued,
)

_CONFIGURATION_TIMEOUT_S = 30.0
_SHORTEST_S = 60
"""A token has to be renewed in a third of its life."""


def issue(requests: list[str]) -> int:
    """Print ``{node: token}`` for every ``role:node`` asked for."""
    settings = read_settings(os.environ, os.uname().nodename)
    if settings.role is not Role.MASTER:
        raise NodeError("only the master issues tokens")
    _await_configuration()
    key_id = ensure_signing_key()
    with locked():
        _refuse_revoked(settings.pool, requests)
        tokens = _issue(settings.pool, key_id, requests)
        _record(tokens)
    json.dump(tokens, sys.stdout)
    return 0


def _issue(pool: str, key_id: str, requests: list[str]) -> dict[str, str]:
    lifetime_s = token_lifetime_s()
    tokens = {}
    for request in requests:
        role, _, node = request.partition(":")
        if role not in (Role.SUBMIT, Role.EXECUTE) or not node:
            raise NodeError(f"{request!r}: ask as submit:NODE or execute:NODE")
        tokens[node] = issue_token(Role(role), node, pool, key_id, lifetime_s)
    return tokens


def _await_configuration() -> None:
    """The operator may have set another lifetime; a master that has just begun has not written it yet."""
    deadline = time.monotonic() + _CONFIGURATION_TIMEOUT_S
    while not Path(contract.CONFIG_FILE).exists():
        if time.monotonic() > deadline:
            raise NodeError(f"the master has written no {contract.CONFIG_FILE}: see its log")
        time.sleep(0.02)


def token_lifetime_s() -> int:
    """As HTCondor's knob for it says."""
    argv = ["condor_config_val", "SEC_ISSUED_TOKEN_EXPIRATION"]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False)
    text = asked.stdout.strip()
    if not text.isdecimal() or int(text) < _SHORTEST_S:
        raise NodeError(
            f"SEC_ISSUED_TOKEN_EXPIRATION is {text!r}: it must be a number of seconds from "
            f"{_SHORTEST_S}, such as {contract.TOKEN_LIFETIME_S} for 30 days"
        )
    return int(text)


def _refuse_revoked(pool: str, requests: list[str]) -> None:
    """Whom the operator has revoked gets nothing until the operator takes that back."""
    denied = denied_identities(read_revocations())
    for request in requests:
        node = request.partition(":")[2]
        if contract.node_identity(node, pool) in denied:
            raise NodeError(
                f"{node} is revoked and gets no token; let it in again with "
                f"`roost token revoke --undo {node}`"
            )


def _record(tokens: dict[str, str]) -> None:
    now = time.time()
    claims = [read_claims(token) for token in tokens.values()]
    record_issued(
        (Issued(one.identity, one.key, one.issued or now, one.expires or now) for one in claims),
        now,
    )
