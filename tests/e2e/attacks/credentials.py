"""What an attacker may hold."""

from __future__ import annotations

import base64
import json
import os
import time
from enum import StrEnum

from roost import Pool, contract
from roost.contract import Role

KEYS = contract.KEYS_DIR


class Credential(StrEnum):
    """The token of one node of the pool, or something that only looks like it."""

    NONE = "none"
    EXECUTE = "execute"
    """The token of the executor ``execute-2``, where the attacks run."""
    SUBMIT = "submit"
    EXPIRED = "expired"
    OTHER_DOMAIN = "other-domain"
    """Of a pool with another TRUST_DOMAIN, signed with this pool's key."""
    OTHER_KEY = "other-key"
    """Of a key that the master does not have."""
    FORGED = "forged"
    """It says that the pool's key signed it, but another did."""
    TAMPERED = "tampered"
    """A good token whose identity has been changed."""


def make_token(pool: Pool, credential: Credential, *, unlimited: bool = False) -> str:
    """The token, made on the master; ``unlimited``: without a list of what it may be used for."""
    if credential is Credential.NONE:
        return ""
    role = Role.SUBMIT if credential is Credential.SUBMIT else Role.EXECUTE
    node = "submit" if role is Role.SUBMIT else "execute-2"
    key = _shell(pool, f"readlink {KEYS}/.issuer").strip()
    limits = () if unlimited else contract.ROLE_AUTHORIZATIONS[role]
    options = [f"-authz {limit}" for limit in limits]
    prefix, made_for = "", contract.node_identity(node, pool.name)
    if credential is Credential.EXPIRED:
        options.append("-lifetime 1")
    if credential is Credential.OTHER_DOMAIN:
        prefix = "_CONDOR_TRUST_DOMAIN=elsewhere.pool "
    if credential in (Credential.OTHER_KEY, Credential.FORGED):
        name = key if credential is Credential.FORGED else "key-ffffffff"
        # Its own directory: the pool must not have the key.
        elsewhere = f"{contract.STATE_DIR}/elsewhere"
        _shell(
            pool,
            f"mkdir -p -m 700 {elsewhere} && head -c 64 /dev/urandom >{elsewhere}/{name}"
            f" && chmod 600 {elsewhere}/{name}",
        )
        prefix, key = f"_CONDOR_SEC_PASSWORD_DIRECTORY={elsewhere} ", name
    command = f"{prefix}condor_token_create -identity {made_for} -key {key} {' '.join(options)}"
    token = _shell(pool, command).strip()
    if credential is Credential.EXPIRED:
        time.sleep(2.5)
    if credential is Credential.TAMPERED:
        header, claims, signature = token.split(".")
        changed = json.loads(base64.urlsafe_b64decode(claims + "=="))
        changed["sub"] = contract.node_identity("submit", pool.name)
        claims = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
        token = ".".join((header, claims, signature))
    return token


def _shell(pool: Pool, script: str) -> str:
    done = pool.exec("master", ["sh", "-c", f"cd {os.sep} && {script}"])
    assert done.exit_code == 0, (script, done.stderr)
    return done.stdout.decode()
