"""``roost-node tokens …`` on the master: what the host asks of it, one JSON object each.

``list``                  keys, and what is recorded of tokens
``revoke NODE``           nothing is taken from that node any more
``readmit NODE``          it may have a new token; its old ones stay revoked
``rotate``                a new key signs from now on, or the last rotation goes on
``retire``                delete old keys that nobody holds a good token of
``drop-sessions``         every session with this master's daemons ends
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from roost import contract
from roost.contract import Role
from roost.node.collector import query
from roost.node.say import NodeError
from roost.node.settings import NodeSettings, read_settings
from roost.node.tokens import ads, keys
from roost.node.tokens.access import apply_access
from roost.node.tokens.files import locked
from roost.node.tokens.issuing import await_configuration
from roost.node.tokens.records import (
    Revocation,
    denied_identities,
    holders,
    read_issued,
    read_revocations,
    readmitted,
    write_revocations,
)
from roost.node.tokens.sessions import drop_sessions


def tokens(arguments: list[str]) -> int:
    """Run one of the commands above. Raises :class:`NodeError`."""
    settings = read_settings(os.environ, os.uname().nodename)
    if settings.role is not Role.MASTER:
        raise NodeError("only the master keeps keys and records of tokens")
    name, *rest = arguments or [""]
    if name not in _COMMANDS:
        raise NodeError(f"tokens {name!r}: one of {', '.join(_COMMANDS)}")
    await_configuration()
    with locked():
        json.dump(_COMMANDS[name](settings, rest), sys.stdout)
    return 0


def _list(settings: NodeSettings, _arguments: list[str]) -> dict[str, Any]:
    return {
        "clock": time.time(),
        "domain": contract.trust_domain(settings.pool),
        "issuer": keys.issuer_of(),
        "old_keys": keys.old_keys(),
        "sessions_to_drop": keys.sessions_to_drop(),
        "issued": [one._asdict() for one in read_issued().values()],
        "revoked": [one._asdict() for one in read_revocations()],
    }


def _revoke(settings: NodeSettings, arguments: list[str]) -> dict[str, Any]:
    """Recorded first: whatever is interrupted after that, the next start or the next call ends it."""
    identity, node = _identity(settings, arguments)
    role = _role(node)
    now = int(time.time())
    others = [one for one in read_revocations() if one.identity != identity]
    write_revocations([*others, Revocation(identity, now)])
    apply_access(keys.issuer_of())
    ads.remove_ads_of(role, contract.node_hostname(node, settings.pool))
    return {"identity": identity, "until": now}


def _readmit(settings: NodeSettings, arguments: list[str]) -> dict[str, Any]:
    """Sessions from before end first: one that a thief has would come to life again otherwise.

    What was interrupted may be repeated: a node that was let in before may have a new token too.
    """
    identity, _ = _identity(settings, arguments)
    revocations = {one.identity: one for one in read_revocations()}
    if identity not in revocations:
        return {"identity": identity, "was_revoked": False}
    if revocations[identity].denied:
        _drop_sessions(settings, [])
        revocations[identity] = readmitted(identity)
        write_revocations(revocations.values())
    apply_access(keys.issuer_of())
    return {"identity": identity, "was_revoked": True}


def _rotate(settings: NodeSettings, _arguments: list[str]) -> dict[str, Any]:
    begun = keys.begin_rotation()
    apply_access(keys.issuer_of())
    return {"begun": begun, **_list(settings, [])}


def _retire(settings: NodeSettings, _arguments: list[str]) -> dict[str, Any]:
    """``waiting`` names whose tokens keep which old key."""
    issued = read_issued()
    denied = denied_identities(read_revocations())
    unrecorded = sorted(_nodes_in_pool(settings) - set(issued) - denied)
    waiting = {}
    for key_id in keys.old_keys():
        left = [*holders(issued, key_id, denied=denied, now=time.time()), *unrecorded]
        if left:
            waiting[key_id] = left
        else:
            keys.delete_key(key_id)
    apply_access(keys.issuer_of())
    return {"waiting": waiting, **_list(settings, [])}


def _nodes_in_pool(settings: NodeSettings) -> set[str]:
    """Identities of the nodes that the collector knows: whoever is here with a token that nobody
    recorded may have one of any key."""
    machines = {str(ad.get("Machine")) for ad in query("Master", ["Machine"])}
    nodes = {contract.node_of_machine(machine) for machine in machines} - {settings.node}
    return {contract.node_identity(node, settings.pool) for node in nodes}


def _drop_sessions(_settings: NodeSettings, _arguments: list[str]) -> dict[str, Any]:
    drop_sessions()
    keys.sessions_dropped()
    return {}


_Command = Callable[[NodeSettings, list[str]], dict[str, Any]]
_COMMANDS: dict[str, _Command] = {
    "list": _list,
    "revoke": _revoke,
    "readmit": _readmit,
    "rotate": _rotate,
    "retire": _retire,
    "drop-sessions": _drop_sessions,
}


def _identity(settings: NodeSettings, arguments: list[str]) -> tuple[str, str]:
    if len(arguments) != 1 or not arguments[0] or "@" in arguments[0]:
        raise NodeError("give the one node's name")
    (node,) = arguments
    if node == settings.node:
        raise NodeError("the master has no token: it holds the keys")
    return contract.node_identity(node, settings.pool), node


def _role(node: str) -> Role:
    """The role that a node's name tells. Raises :class:`NodeError` for a name of no node."""
    if role := contract.role_of_node(node):
        return role
    raise NodeError(f"{node!r} is no name of a node with a token: submit-… or execute-…")
