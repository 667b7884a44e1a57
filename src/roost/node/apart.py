"""Whether jobs will run between this node, which nobody can connect to, and those that are there already.

Submit node and executor talk in both directions. With HTCondor 23.9 one of them needs a way to the other;
from 25.12 on, the master passes their words on where both are reached through it only (CCB streaming): see
"HTCondor Connection Brokering" in the networking chapter of HTCondor's manual.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from roost import contract
from roost.contract import Role, node_of_machine
from roost.node.network.contact import parse_contact
from roost.node.settings import NodeSettings
from roost.node.versions import Version, Versions, find_version

STREAMING = Version(25, 12, 0)
"""The first HTCondor whose collector passes on what nodes say to each other."""
_CONNECT_S = 2.0
_QUERY_S = 20
_RECENTLY_S = 60
"""A node that is there has told the collector so within this, three times its interval."""
_NAMES = 3
"""Most nodes that one line names."""
_COUNTERPART = {Role.SUBMIT: Role.EXECUTE, Role.EXECUTE: Role.SUBMIT}


@dataclass(frozen=True)
class Neighbour:
    """A node as the collector knows it; ``brokered``: others reach it through the master."""

    node: str
    version: Version | None
    host: str
    port: int
    brokered: bool
    network: str | None

    @property
    def streams(self) -> bool:
        """Whether it can be talked to where the master passes words on."""
        return self.brokered and self.version is not None and self.version >= STREAMING


def find_apart(settings: NodeSettings, versions: Versions) -> str | None:
    """What to say of nodes with which this one, reached through the master only, will run no job; None where
    there are none."""
    others = find_doubtful(settings, versions, parse_nodes(_ask(settings)))
    with ThreadPoolExecutor(max_workers=32) as threads:
        ways = list(threads.map(has_way, others))
    apart = [one for one, way in zip(others, ways, strict=True) if not way]
    return describe_apart(apart) if apart else None


def find_doubtful(
    settings: NodeSettings, versions: Versions, nodes: Sequence[Neighbour]
) -> list[Neighbour]:
    """The counterparts to which this node needs a way: all but those on a network of the same name, and those
    that the master passes on to."""
    streaming = all(one is not None and one >= STREAMING for one in versions)
    return [
        one
        for one in nodes
        if contract.named_for_role(_COUNTERPART[settings.role], one.node) == one.node
        and (settings.network is None or one.network != settings.network)
        and not (streaming and one.streams)
    ]


def parse_nodes(listing: str) -> list[Neighbour]:
    """Nodes from lines of machine, address and version, as ``condor_status -master`` prints them."""
    nodes = []
    for line in listing.splitlines():
        machine, _, rest = line.partition("\t")
        sinful, _, version = rest.partition("\t")
        try:
            contact = parse_contact(sinful)
        except ValueError:
            continue
        nodes.append(
            Neighbour(
                node_of_machine(machine),
                find_version(version),
                contact.addresses[0].host,
                contact.addresses[0].port,
                contact.brokered,
                contact.network or None,
            )
        )
    return nodes


def _ask(settings: NodeSettings) -> str:
    """What the collector says of its nodes; nothing where it does not answer."""
    recent = f"time() - LastHeardFrom < {_RECENTLY_S}"
    wanted = ["Machine", "MyAddress", "CondorVersion"]
    argv = ["condor_status", "-pool", str(settings.master), "-master", "-constraint", recent]
    try:
        asked = subprocess.run(
            [*argv, "-af:t", *wanted], capture_output=True, text=True, timeout=_QUERY_S, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return asked.stdout


def has_way(to: Neighbour) -> bool:
    """Whether this node can connect to that one, at the address that it tells.

    Something else can have the same address in this network, since engines' networks are alike on all hosts:
    so the node is asked for its name where it answers for its health.
    """
    if to.brokered and (name := _name_at(to.host)):
        return name == to.node
    try:
        socket.create_connection((to.host, to.port), timeout=_CONNECT_S).close()
    except OSError:
        return False
    return True


def _name_at(host: str) -> str | None:
    from http.client import HTTPConnection, HTTPException  # not imported where nobody is looked for

    asked = HTTPConnection(host, contract.METRICS_PORT, timeout=_CONNECT_S)
    try:
        asked.request("GET", "/health")
        return str(json.loads(asked.getresponse().read())["node"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        asked.close()


def describe_apart(apart: Sequence[Neighbour]) -> str:
    """A line for the node's log."""
    named = [f"{one.node} ({one.host}, port {one.port})" for one in apart[:_NAMES]]
    more = f" and {len(apart) - _NAMES} more" if len(apart) > _NAMES else ""
    newer = (
        ", or run HTCondor 25.12 or newer on all nodes (`--suite forky`)"
        if all(one.brokered for one in apart)
        else ""
    )
    return (
        f"{contract.APART_WORDS} {', '.join(named)}{more}, unless that can connect to here: this node is"
        " reached through the master only, and cannot connect there. Publish the submit node's port and"
        f" tell it its {contract.ENV_ADDRESS} (`roost join --address IP`){newer}"
    )
