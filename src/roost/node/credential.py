"""Signing keys and tokens: the master makes them, the other nodes hold one token each.

A token is HTCondor's IDTOKEN, made by HTCondor's own ``condor_token_create``; see "Token Authentication"
in the security chapter of HTCondor's manual. Keys are named by id, never ``POOL``, so that a pool can
later change its key without HTCondor making the old name anew.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError
from roost.node.tokens.claims import Claims, read_claims
from roost.node.tokens.issuing import token_lifetime_s

_KEY_BYTES = 64
TOKEN_LIFETIME_S = contract.TOKEN_LIFETIME_S
_CLOCK_SLACK_S = 300.0
"""Clocks may differ by so much before it is worth a word."""


def ensure_signing_key(keys_dir: Path = Path(contract.KEYS_DIR)) -> str:
    """The id of the key that signs tokens, made on the first call. Safe against a second caller.

    ``keys_dir`` holds one file a key and the link ``.issuer`` that names the one in use; HTCondor
    skips names that start with a dot.
    """
    keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    issuer = keys_dir / ".issuer"
    if not issuer.is_symlink():
        key_id = f"key-{os.urandom(4).hex()}"
        _write_secret(keys_dir / key_id, os.urandom(_KEY_BYTES))
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
    authorizations = contract.ROLE_AUTHORIZATIONS[role]
    return create_token(identity, pool, key_id, authorizations, lifetime_s=token_lifetime_s())


def create_token(
    identity: str, pool: str, key_id: str, authorizations: Sequence[str], *, lifetime_s: int
) -> str:
    """A token of that key for one identity. Raises :class:`NodeError`."""
    argv = ["condor_token_create", "-identity", identity, "-key", key_id]
    argv += ["-lifetime", str(lifetime_s)]
    for authorization in authorizations:
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


def check_token(path: Path, *, now: float, pool: str) -> Claims:
    """Check what can be known of a node's token without the key, but for its end, which the master's
    clock decides (:func:`refuse_expired`). Raises :class:`NodeError`.

    The token is read, never printed.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise NodeError(f"no credential: {path} is missing; put this node's token there") from None
    # Before it is read: root without DAC_OVERRIDE cannot read a file of somebody else.
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        mode = oct(stat.S_IMODE(status.st_mode))
        raise NodeError(
            f"the credential {path} belongs to uid {status.st_uid} with mode {mode}: "
            f"it must belong to uid {os.geteuid()} with mode 0600"
        )
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"the credential {path} cannot be read: {error}") from None
    try:
        claims = read_claims(text)
    except ValueError:
        raise NodeError(f"the credential {path} is no token: it is damaged or cut short") from None
    domain = contract.trust_domain(pool)
    if claims.issuer != domain:
        raise NodeError(
            f"the credential {path} was issued by {claims.issuer!r}, but this node's pool is "
            f"{domain!r}: set {contract.ENV_POOL}, or use a token of this pool"
        )
    ahead_s = (claims.issued or 0.0) - now
    if ahead_s > _CLOCK_SLACK_S:
        raise NodeError(
            f"by this node's clock, {moment(now)}, the credential {path} is issued only in "
            f"{duration(ahead_s)}: this clock is slow, or the master's was fast; set it right (NTP) "
            "and start the node again"
        )
    return claims


def refuse_expired(claims: Claims, *, now: float, is_taken: Callable[[], bool]) -> None:
    """Raises :class:`NodeError` for a token that has expired by this node's clock. The master's word
    (``is_taken``) tells whether it is the token or the clock that is wrong."""
    if claims.expires is None or claims.expires >= now:
        return
    ago = f"expired {duration(now - claims.expires)} ago"
    if is_taken():
        raise NodeError(
            f"this node's clock is wrong: by it, {moment(now)}, its credential {ago}, but the master "
            "still takes it; set the clock of this host right (NTP) and start the node again"
        )
    raise NodeError(
        f"the credential {contract.TOKEN_FILE} {ago}: get a new one from the master; `roost up` gives one to "
        "each node that it made"
    )


def moment(seconds: float) -> str:
    """A time of the epoch, for people."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def duration(seconds: float) -> str:
    """``90 s``, ``30 min``, ``26 h``, ``12 days``."""
    for unit_s, unit, least_s in ((86400, "days", 172800), (3600, "h", 7200), (60, "min", 120)):
        if abs(seconds) >= least_s:
            return f"{abs(seconds) / unit_s:.0f} {unit}"
    return f"{abs(seconds):.0f} s"


def _write_secret(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
