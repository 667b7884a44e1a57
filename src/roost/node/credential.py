"""Signing keys and tokens: the master makes them, the other nodes hold one token each.

A token is HTCondor's IDTOKEN, made by HTCondor's own ``condor_token_create``; see "Token Authentication"
in the security chapter of HTCondor's manual. Keys are named by id, never ``POOL``, so that a pool can
later change its key without HTCondor making the old name anew.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
import subprocess
from pathlib import Path
from typing import Any

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError

_KEY_BYTES = 64
_DAY_S = 24 * 3600
TOKEN_LIFETIME_S = 365 * _DAY_S


def ensure_signing_key(keys_dir: Path = Path(contract.KEYS_DIR)) -> str:
    """The id of the key that signs tokens, made on the first call. Safe against a second caller.

    ``keys_dir`` holds one file a key and the link ``.issuer`` that names the one in use; HTCondor
    skips names that start with a dot.
    """
    keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    issuer = keys_dir / ".issuer"
    if not issuer.is_symlink():
        key_id = f"key-{secrets.token_hex(4)}"
        _write_secret(keys_dir / key_id, secrets.token_bytes(_KEY_BYTES))
        try:
            issuer.symlink_to(key_id)
        except FileExistsError:  # another caller was first: its key is the pool's
            (keys_dir / key_id).unlink()
    key_id = str(issuer.readlink())
    if not (keys_dir / key_id).is_file():
        raise NodeError(f"the signing key {keys_dir / key_id} is gone: restore the master's volume")
    return key_id


def issue_token(role: Role, node: str, pool: str, key_id: str) -> str:
    """A token for one node, with its role's authorizations and no more."""
    identity = contract.node_identity(node, pool)
    argv = ["condor_token_create", "-identity", identity, "-key", key_id]
    argv += ["-lifetime", str(TOKEN_LIFETIME_S)]
    for authorization in contract.ROLE_AUTHORIZATIONS[role]:
        argv += ["-authz", authorization]
    # The caller may come before this node's configuration is written, so all that matters is said here.
    environment = os.environ | {
        "_CONDOR_TRUST_DOMAIN": contract.trust_domain(pool),
        "_CONDOR_SEC_PASSWORD_DIRECTORY": contract.KEYS_DIR,
    }
    made = subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)
    token = made.stdout.strip()
    if made.returncode or token.count(".") != 2:
        raise NodeError(f"condor_token_create failed for {identity}: {made.stderr.strip()}")
    return token


def check_token(path: Path, *, now: float, pool: str) -> None:
    """Check what can be known of a node's token without the key. Raises :class:`NodeError`.

    The token is read, never printed.
    """
    try:
        status = path.stat()
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise NodeError(f"no credential: {path} is missing; put this node's token there") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"the credential {path} cannot be read: {error}") from None
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        mode = oct(stat.S_IMODE(status.st_mode))
        raise NodeError(
            f"the credential {path} belongs to uid {status.st_uid} with mode {mode}: "
            f"it must belong to uid {os.geteuid()} with mode 0600"
        )
    claims = _claims(text, path)
    domain = contract.trust_domain(pool)
    if claims.get("iss") != domain:
        raise NodeError(
            f"the credential {path} was issued by {claims.get('iss')!r}, but this node's pool is "
            f"{domain!r}: set {contract.ENV_POOL}, or use a token of this pool"
        )
    expiry = claims.get("exp")
    if isinstance(expiry, int | float) and expiry < now:
        raise NodeError(f"the credential {path} expired {now - expiry:.0f} s ago: get a new token")


def _claims(token: str, path: Path) -> dict[str, Any]:
    """The claims of a JSON web token (RFC 7519), unverified: only the master holds the key."""
    parts = token.split(".")
    try:
        _header, payload, _signature = parts
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        raise NodeError(f"the credential {path} is no token: it is damaged or cut short") from None
    if not isinstance(claims, dict):
        raise NodeError(f"the credential {path} is no token: it holds no claims")
    return claims


def _write_secret(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
