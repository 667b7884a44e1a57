"""A node takes a new token in place of its own, once the master has taken it.

HTCondor's daemons read the token's file at each login, so none of them needs to be told.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.node.credential import check_token
from roost.node.diagnose.tokens import look_at_token
from roost.node.say import NodeError
from roost.node.settings import NodeSettings, read_settings
from roost.node.tokens.claims import Claims

_LOGIN_TIMEOUT_S = 30


def token(_arguments: list[str]) -> int:
    """``roost-node token``: what this node's token says, without its signature, as JSON."""
    json.dump(asdict(look_at_token()), sys.stdout)
    return 0


def take(_arguments: list[str]) -> int:
    """``roost-node take-token``: take the token that waits in :data:`roost.contract.NEW_TOKEN_DIR`.

    Raises :class:`NodeError` for one that is not this node's or that the master refuses; the node
    keeps what it has then.
    """
    claims = take_new(read_settings(os.environ, os.uname().nodename))
    json.dump({"key": claims.key, "expires": claims.expires}, sys.stdout)
    return 0


def put_new(text: str) -> None:
    """Let a token wait."""
    directory = Path(contract.NEW_TOKEN_DIR)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)
    descriptor = os.open(directory / "token", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text.strip() + "\n")
        file.flush()
        os.fsync(file.fileno())


def take_new(settings: NodeSettings) -> Claims:
    """Check the token that waits, log in with it, and put it in the place of the old one."""
    if settings.role is Role.MASTER:
        raise NodeError("the master has no token: it holds the keys")
    directory = Path(contract.NEW_TOKEN_DIR)
    new = directory / "token"
    try:
        claims = check_token(new, now=time.time(), pool=settings.pool)
        identity = contract.node_identity(settings.node, settings.pool)
        if claims.identity != identity:
            raise NodeError(f"the new token is {claims.identity}'s, but this node is {identity}")
        _log_in(settings)
        new.replace(contract.TOKEN_FILE)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return claims


def _log_in(settings: NodeSettings) -> None:
    """With the new token alone, in a process that has no session yet. Raises :class:`NodeError`."""
    argv = ["condor_ping", "-pool", str(settings.master), "-type", "COLLECTOR"]
    argv += contract.ROLE_AUTHORIZATIONS[settings.role]
    environment = os.environ | {"_CONDOR_SEC_TOKEN_DIRECTORY": contract.NEW_TOKEN_DIR}
    try:
        asked = subprocess.run(
            [*argv[:1], "-quiet", *argv[1:]],
            capture_output=True,
            text=True,
            env=environment,
            timeout=_LOGIN_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NodeError(f"the master at {settings.master} does not answer") from None
    if asked.returncode:
        said = " ".join((asked.stderr or asked.stdout).split()) or "it gave no reason"
        raise NodeError(f"the master at {settings.master} does not take the new token: {said}")
