"""``roost-node users …`` on the submit node: what the host asks of it, one JSON object each.

``create USER TTL_S``     an account where there is none yet, and a token that is good for so long
``list``                  users and their tokens, never the tokens themselves
``revoke USER``           nothing is taken from that user any more
"""

from __future__ import annotations

import json
import os
import pwd
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from roost import contract
from roost.contract import Role
from roost.node.credential import create_token, duration, ensure_signing_key
from roost.node.say import NodeError
from roost.node.settings import NodeSettings, read_settings
from roost.node.tokens.access import SUBMIT_DAEMONS, apply_access
from roost.node.tokens.claims import read_claims
from roost.node.tokens.files import locked
from roost.node.tokens.keys import issuer_of
from roost.node.tokens.records import Revocation, read_revocations, readmitted, write_revocations
from roost.node.users.accounts import ensure_account, read_accounts
from roost.node.users.records import UserToken, read_tokens, record_token

SESSIONS_END_S = contract.USER_SESSION_S + 60
"""After a revocation: no session from before is left. The schedd keeps one 20 s longer than it says
(SEC_SESSION_DURATION_SLOP)."""


def users(arguments: list[str]) -> int:
    """Run one of the commands above. Raises :class:`NodeError`."""
    settings = read_settings(os.environ, os.uname().nodename)
    if settings.role is not Role.SUBMIT:
        raise NodeError("only a submit node has users")
    name, *rest = arguments or [""]
    if name not in _COMMANDS:
        raise NodeError(f"users {name!r}: one of {', '.join(_COMMANDS)}")
    ensure_signing_key()
    with locked():
        json.dump(_COMMANDS[name](settings, rest), sys.stdout)
    return 0


def _create(settings: NodeSettings, arguments: list[str]) -> dict[str, Any]:
    user, ttl_s = _checked(arguments)
    identity = contract.user_identity(user, settings.pool)
    _lift_revocation(user, identity)
    ensure_account(user)
    token = create_token(
        identity, settings.pool, issuer_of(), contract.USER_AUTHORIZATIONS, lifetime_s=ttl_s
    )
    claims = read_claims(token)
    now = time.time()
    known = UserToken(
        user, claims.id, claims.key, claims.issued or now, claims.expires or now + ttl_s
    )
    record_token(known, now)
    return {**known._asdict(), "identity": identity, "token": token}


def _checked(arguments: list[str]) -> tuple[str, int]:
    """User and life of a token to be made. Raises :class:`NodeError` for what can be neither."""
    if len(arguments) != 2 or not arguments[1].isdecimal():
        raise NodeError("give a user's name and a number of seconds")
    user, ttl_s = arguments[0], int(arguments[1])
    if problem := contract.user_name_problem(user):
        raise NodeError(f"{user!r}: {problem}")
    with suppress(KeyError):
        pwd.getpwnam(user)
        raise NodeError(
            f"{user!r} is the name of an account of the submit node: say another --user NAME"
        )
    if not contract.USER_TOKEN_SHORTEST_S <= ttl_s <= contract.USER_TOKEN_LONGEST_S:
        raise NodeError(f"a token cannot live {ttl_s} s")
    return user, ttl_s


def _lift_revocation(user: str, identity: str) -> None:
    """Who was revoked may have a new token; the old ones stay refused.

    Not before the sessions from before have ended: they would come to life again.
    """
    revocations = {one.identity: one for one in read_revocations()}
    revoked = revocations.get(identity)
    if revoked is None or not revoked.denied:
        return
    left_s = revoked.until + SESSIONS_END_S - time.time()
    if left_s > 0:
        raise NodeError(
            f"{user} was revoked {duration(time.time() - revoked.until)} ago, and connections from"
            f" before may live for {duration(left_s)} more: try again then, or take another name"
        )
    revocations[identity] = readmitted(identity)
    write_revocations(revocations.values())
    apply_access(issuer_of(), SUBMIT_DAEMONS)


def _list(settings: NodeSettings, _arguments: list[str]) -> dict[str, Any]:
    return {
        "clock": time.time(),
        "domain": contract.trust_domain(settings.pool),
        "issuer": issuer_of(),
        "users": [name.removeprefix(contract.USER_PREFIX) for name in sorted(read_accounts())],
        "tokens": [one._asdict() for one in read_tokens()],
        "revoked": [one._asdict() for one in read_revocations()],
    }


def _revoke(settings: NodeSettings, arguments: list[str]) -> dict[str, Any]:
    """Recorded first: whatever is interrupted after that, the next start or the next call ends it."""
    if len(arguments) != 1:
        raise NodeError("give the one user's name")
    (user,) = arguments
    if contract.user_account(user) not in read_accounts():
        raise NodeError(f"there is no user {user!r}")
    identity = contract.user_identity(user, settings.pool)
    now = int(time.time())
    others = [one for one in read_revocations() if one.identity != identity]
    write_revocations([*others, Revocation(identity, now)])
    apply_access(issuer_of(), SUBMIT_DAEMONS)
    ended = [one for one in read_tokens() if one.user == user and one.expires > now]
    return {"user": user, "identity": identity, "ended": len(ended), "until": now}


_Command = Callable[[NodeSettings, list[str]], dict[str, Any]]
_COMMANDS: dict[str, _Command] = {"create": _create, "list": _list, "revoke": _revoke}
