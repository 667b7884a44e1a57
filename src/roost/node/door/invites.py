"""``roost-node invite``, ``invites`` and ``revoke-invite`` on the master: making and counting invites."""

from __future__ import annotations

import argparse
import json
import platform
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from roost import contract
from roost.contract import Role
from roost.invitation import Invitation, encode, life_problem
from roost.node.credential import ensure_signing_key
from roost.node.door.answer import master_settings
from roost.node.door.certificate import find_certificate
from roost.node.door.ledger import Invite, open_ledger
from roost.node.say import NodeError
from roost.node.settings import NodeSettings, parse_address

MOST_USES = 1000
_NOTHING = "ALLOW"
"""The authorization of who has none of the others: to ask for a token, and to be told no."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise NodeError(f"invite: {message}")


def invite(arguments: Sequence[str]) -> int:
    """Make an invite and print ``{"id", "invite", "role", "node", "uses", "ends"}``: the only copy of it."""
    asked = _parse(arguments)
    settings = master_settings()
    made = _plan(asked, time.time())
    text = encode(_invitation(settings, made, str(parse_address(asked.address))))
    with open_ledger() as ledger:
        ledger.invites[made.id] = made
    json.dump(
        {
            "id": made.id,
            "invite": text,
            "pool": settings.pool,
            "role": made.role.value,
            "node": made.node,
            "uses": made.uses,
            "ends": made.ends,
        },
        sys.stdout,
    )
    return 0


def invites(_arguments: Sequence[str]) -> int:
    """Print all invites as JSON, newest last, each with its ``problem`` (why it is good no more) or null.
    The secret part is kept nowhere."""
    master_settings()
    now = time.time()
    with open_ledger() as ledger:
        listed = [
            {**one._asdict(), "problem": one.problem(now)}
            for one in sorted(ledger.invites.values(), key=lambda one: one.created)
        ]
    json.dump(listed, sys.stdout)
    return 0


def revoke_invite(arguments: Sequence[str]) -> int:
    """End an invite, by its id. Nodes that joined with it stay."""
    if len(arguments) != 1:
        raise NodeError("revoke-invite takes the id of one invite")
    master_settings()
    with open_ledger() as ledger:
        found = ledger.invites.get(arguments[0])
        if found is None:
            raise NodeError(
                f"there is no invite {arguments[0]!r}: there are {', '.join(ledger.invites) or 'none'}"
            )
        ledger.invites[found.id] = found._replace(revoked=True)
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="invite", add_help=False)
    parser.add_argument("role", choices=[role.value for role in contract.ROLE_AUTHORIZATIONS])
    parser.add_argument("--ttl", type=int, default=3600, help="seconds")
    parser.add_argument("--uses", type=int, default=1)
    parser.add_argument("--node")
    parser.add_argument("--address", required=True)
    asked = parser.parse_args(arguments)
    if problem := life_problem(asked.ttl):
        raise NodeError(problem)
    if not 1 <= asked.uses <= MOST_USES:
        raise NodeError(f"an invite is good for 1 to {MOST_USES} nodes, not {asked.uses}")
    return asked


def _create_token(identity: str, lifetime_s: int) -> str:
    """A token of HTCondor's that allows nothing."""
    argv = ["condor_token_create", "-identity", identity, "-key", ensure_signing_key()]
    argv += ["-lifetime", str(lifetime_s), "-authz", _NOTHING]
    made = subprocess.run(argv, capture_output=True, text=True, check=False)
    token = made.stdout.strip()
    if made.returncode or token.count(".") != 2:
        raise NodeError(f"condor_token_create failed for {identity}: {made.stderr.strip()}")
    return token


def _plan(asked: argparse.Namespace, now: float) -> Invite:
    role = Role(asked.role)
    node = asked.node
    if node is not None:
        if not contract.is_node_name(node):
            raise NodeError(
                f"{node!r} is no name of a node: lower case letters, digits, '-' and '.'"
            )
        node = contract.named_for_role(role, node)
        if asked.uses != 1:
            raise NodeError("an invite for one node is good for one use")
    return Invite(secrets.token_hex(4), role, asked.uses, now, now + asked.ttl, node)


def _invitation(settings: NodeSettings, made: Invite, address: str) -> Invitation:
    certificate = find_certificate()
    identity = contract.invite_identity(made.id, settings.pool)
    lifetime_s = int(made.ends - made.created)
    token = _create_token(identity, lifetime_s)
    return Invitation(
        id=made.id,
        pool=settings.pool,
        role=made.role,
        master=address,
        certificate=certificate.fingerprint,
        name=certificate.name,
        ends=made.ends,
        token=token,
        node=made.node,
        suite=platform.freedesktop_os_release().get("VERSION_CODENAME"),
    )
