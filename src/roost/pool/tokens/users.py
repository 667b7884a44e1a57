"""Tokens of users from outside of the pool: made, listed and revoked by the submit node.

Its answer comes through the engine's exec: a token is in no argument, environment or log.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from roost import contract
from roost.commandline import command_line
from roost.engines.protocol import Container, Engine
from roost.errors import NotFoundError, RoostError, UsageError
from roost.events import Reporter, step
from roost.plan.names import SUBMIT_NODE
from roost.pool.nodes import get_node, last_words
from roost.pool.scale import find_record
from roost.pool.tokens.list import TokenState
from roost.spec import PoolSpec


@dataclass(frozen=True)
class UserToken:
    """A token of a user. Times in seconds of the epoch."""

    user: str
    identity: str
    id: str
    key: str
    issued: float
    expires: float
    state: TokenState

    def to_json(self) -> dict[str, object]:
        """For ``json.dumps``."""
        return asdict(self)


@dataclass(frozen=True)
class NewUserToken:
    """A token that was made now. ``text`` is its only copy, and a secret; ``schedd`` is where it is good,
    and ``config`` what HTCondor has to be told on the user's machine."""

    user: str
    identity: str
    id: str
    expires: float
    schedd: str
    config: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class UserRevoked:
    """``ended`` counts the tokens that were good until now."""

    user: str
    identity: str
    ended: int


def create_user_token(
    engine: Engine,
    pool: str,
    user: str,
    *,
    ttl_s: int = contract.USER_TOKEN_DEFAULT_S,
    address: str | None = None,
) -> NewUserToken:
    """A token for a user from outside, who has an account on the submit node from then on.

    ``address`` is where users reach the submit node, ``HOST[:PORT]``; by default where the pool file
    publishes it, or its container's address. Raises :class:`UsageError` for what can be no user, no life of
    a token or no address, and NotFoundError where no submit node runs.
    """
    if problem := contract.user_name_problem(user):
        raise UsageError(
            f"no user can be called {user!r}: {problem}", hint="say another --user NAME"
        )
    _check_ttl(ttl_s)
    submit = get_node(engine, pool, SUBMIT_NODE)
    schedd = _schedd_address(engine, pool, submit, address)
    told = _ask(engine, pool, submit, ["create", user, str(ttl_s)])
    return NewUserToken(
        user,
        str(told["identity"]),
        str(told["id"]),
        float(told["expires"]),
        schedd,
        render_client_config(schedd),
        str(told["token"]),
    )


def _check_ttl(ttl_s: int) -> None:
    shortest_s, longest_s = contract.USER_TOKEN_SHORTEST_S, contract.USER_TOKEN_LONGEST_S
    if not shortest_s <= ttl_s <= longest_s:
        raise UsageError(
            f"a token cannot live {ttl_s} s",
            hint=f"say --ttl from {shortest_s}s to {longest_s // 86400}d",
        )


def render_client_config(schedd: str) -> str:
    """HTCondor's configuration for the user's machine, where the token is in ``~/.condor/tokens.d``. Pure."""
    return f"""\
SCHEDD_HOST = {schedd}
# The token is proved in both directions: whoever does not know its key is not the submit node.
SEC_CLIENT_AUTHENTICATION = REQUIRED
SEC_CLIENT_ENCRYPTION = REQUIRED
SEC_CLIENT_INTEGRITY = REQUIRED
SEC_CLIENT_AUTHENTICATION_METHODS = IDTOKENS
"""


def _schedd_address(engine: Engine, pool: str, submit: Container, address: str | None) -> str:
    """``HOST:PORT`` for SCHEDD_HOST. Raises :class:`UsageError` where nobody says it."""
    if address is not None:
        return _with_port(address)
    record = find_record(engine, pool)
    published = _published(record.spec) if record else ""
    if published and not published.startswith(_EVERY_ADDRESS):
        return published
    if published or engine.capabilities.rootless or submit.address is None:
        raise UsageError(
            "where do users reach the submit node? "
            + (
                f"It is published at {published}, which is each address of the host"
                if published
                else "Its container's address is not reachable here"
            ),
            hint="say --address HOST[:PORT]"
            + ("" if published else ", and publish its port in the pool file ([users] publish)"),
        )
    return _with_port(submit.address)


def _published(spec: PoolSpec) -> str:
    """Where the pool file publishes the submit node; for users, or else for nodes of other hosts."""
    if spec.users_publish or not spec.hosts_address:
        return spec.users_publish
    address = spec.hosts_address
    host = f"[{address}]" if ":" in address else address
    return f"{host}:{contract.SUBMIT_PORT_OUTSIDE}"


_EVERY_ADDRESS = ("0.0.0.0:", "[::]:")


def _with_port(address: str) -> str:
    """Raises :class:`UsageError` for what is no host and port."""
    host, port = address, str(contract.COLLECTOR_PORT)
    if address.startswith("[") or address.count(":") == 1:
        host, _, rest = address.rpartition(":")
        if address.endswith("]"):
            host = address
        else:
            port = rest
    elif ":" in address:
        host = f"[{address}]"
    is_port = port.isdecimal() and len(port) < 6 and 1 <= int(port) <= 65535
    bare = host.removeprefix("[").removesuffix("]")
    if not bare or not is_port or not all(one.isalnum() or one in ".-_:" for one in bare):
        raise UsageError(
            f"{address!r} is no address of the submit node",
            hint="say --address HOST[:PORT], such as submit.example.org or 192.0.2.1:9618",
        )
    return f"{host}:{port}"


def list_user_tokens(engine: Engine, pool: str) -> list[UserToken]:
    """Users' tokens that are good, or ended less than a month ago; by user, then by time."""
    told = _ask(engine, pool, get_node(engine, pool, SUBMIT_NODE), ["list"])
    return user_tokens_from(told, pool)


def user_tokens_from(told: Any, pool: str) -> list[UserToken]:
    """From what the submit node says. Pure. Raises RoostError for one of another version of Roost."""
    try:
        domain, clock = str(told["domain"]), float(told["clock"])
        revoked = {
            str(one["identity"]): (int(one["until"]), bool(one["denied"]))
            for one in told["revoked"]
        }
        tokens = []
        for one in told["tokens"]:
            identity = f"{contract.user_account(str(one['user']))}@{domain}"
            until, denied = revoked.get(identity, (0, False))
            state = TokenState.VALID
            if denied or one["issued"] <= until:
                state = TokenState.REVOKED
            elif one["expires"] < clock:
                state = TokenState.EXPIRED
            elif one["key"] != told["issuer"]:
                state = TokenState.UNKNOWN_KEY
            tokens.append(UserToken(**one, identity=identity, state=state))
        return tokens
    except (KeyError, TypeError, ValueError) as error:
        raise _of_another_version(repr(error), pool) from None


def revoke_user(engine: Engine, pool: str, user: str, report: Reporter) -> UserRevoked:
    """Nothing is taken from the user any more, not even over open connections. Jobs stay.

    Raises NotFoundError that names the users there are.
    """
    submit = get_node(engine, pool, SUBMIT_NODE)
    known = [str(one) for one in _ask(engine, pool, submit, ["list"])["users"]]
    if user not in known:
        raise NotFoundError(
            f"pool {pool} has no user {user!r}",
            hint=f"it has {', '.join(known)}"
            if known
            else f"it has none; `{command_line('token create --user NAME', pool)}` makes one",
        )
    with step(report, "revoke", user):
        told = _ask(engine, pool, submit, ["revoke", user])
    return UserRevoked(user, str(told["identity"]), int(told["ended"]))


def _ask(engine: Engine, pool: str, submit: Container, command: Sequence[str]) -> Any:
    """Run ``roost-node users …``; what it says went wrong is in its log lines."""
    asked = engine.exec(submit.name, [contract.NODE_PROGRAM, "users", *command])
    if not asked.exit_code:
        return json.loads(asked.stdout)
    said = last_words(asked.stdout + asked.stderr)
    if said.startswith("unknown command"):
        raise _of_another_version(said, pool)
    raise RoostError(said or f"`roost-node users {command[0]}` failed in {submit.name}")


def _of_another_version(seen: str, pool: str) -> RoostError:
    return RoostError(
        f"the submit node tells of its users in a way that is not understood ({seen})",
        hint=f"it is of another version of Roost; `{command_line('up', pool)}` makes it anew",
    )
