"""``roost-node renew``: a node asks its master for its next token, with the one that it has.

One of HTCondor's token requests, for the node's own identity and its role's whole set of authorizations
(ref: ``condor_token_request`` in its manual). The master approves it when it sees that the asker is who it
asks for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError
from roost.node.settings import NodeSettings, read_settings
from roost.node.tokens.claims import read_claims
from roost.node.tokens.take import put_new, take_new

APPROVAL_TIMEOUT_S = 120
"""The master looks for requests every 30 s."""


def renew(_arguments: list[str]) -> int:
    """Print ``{"expires"}`` of the new token, or ``{"problem"}`` in words; exit code 1 then."""
    settings = read_settings(os.environ, os.uname().nodename)
    try:
        if settings.role is Role.MASTER:
            raise NodeError("the master has no token: it holds the keys")
        put_new(_ask(settings))
        _refuse_older()
        claims = take_new(settings)
    except NodeError as error:
        json.dump({"problem": str(error)}, sys.stdout)
        return 1
    json.dump({"expires": claims.expires}, sys.stdout)
    return 0


def _ask(settings: NodeSettings) -> str:
    """The token, from the tool's standard output, where it stands alone on its line."""
    argv = ["condor_token_request", "-pool", str(settings.master), "-type", "COLLECTOR"]
    argv += ["-identity", contract.node_identity(settings.node, settings.pool)]
    for authorization in contract.ROLE_AUTHORIZATIONS[settings.role]:
        argv += ["-authz", authorization]
    try:
        asked = subprocess.run(
            argv, capture_output=True, text=True, timeout=APPROVAL_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise NodeError(
            f"the master at {settings.master} approved no new token within {APPROVAL_TIMEOUT_S} s"
        ) from None
    tokens = [line for line in asked.stdout.split() if line.count(".") == 2 and line[:2] == "ey"]
    if asked.returncode or len(tokens) != 1:
        said = asked.stderr.strip().splitlines() or ["it gave no reason"]
        raise NodeError(f"the master at {settings.master} issues no new token: {said[-1]}")
    return tokens[0]


def _refuse_older() -> None:
    """What ends no later than the token that is there is no renewal."""
    texts = (
        Path(path).read_text(encoding="ascii")
        for path in (contract.TOKEN_FILE, f"{contract.NEW_TOKEN_DIR}/token")
    )
    try:
        old, new = (read_claims(text) for text in texts)
    except (OSError, ValueError) as error:
        raise NodeError(f"the new token cannot be read: {error}") from None
    if new.expires is None or (old.expires is not None and new.expires <= old.expires):
        raise NodeError("the master issued a token that ends no later than the old one")
