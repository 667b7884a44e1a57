"""How other nodes reach this one: on its own network, at an address outside, or through the master.

A node that nobody can connect to keeps a connection to the master's collector (HTCondor's Connection Broker,
CCB), through which it is asked to connect to whoever wants to talk to it. See "HTCondor Connection Brokering"
and "Configuring port forwarding" in the networking chapter of HTCondor's manual.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from enum import Enum
from pathlib import Path

from roost.contract import Role
from roost.node.settings import NodeSettings

_TIMEOUT_S = 5.0
_ROUTES = (Path("/proc/net/route"), Path("/proc/net/ipv6_route"))


class Reach(Enum):
    """The way to a node, in words that go on from "other nodes reach this one"."""

    DIRECT = "directly"
    OUTSIDE = "at its address outside"
    BROKER = "through the master"


def find_reach(settings: NodeSettings) -> Reach:
    """How this node is reached. The master has to be in reach already."""
    if settings.address:
        return Reach.OUTSIDE
    if settings.role is Role.MASTER or settings.routed:
        return Reach.DIRECT
    if settings.network or not _is_neighbour(settings):
        return Reach.BROKER
    return Reach.DIRECT


def describe_reach(settings: NodeSettings, reach: Reach) -> str:
    """A line for the node's log."""
    if reach is Reach.OUTSIDE:
        return f"other hosts reach this node at {settings.address}, port {settings.port}"
    if settings.routed:
        return f"other nodes reach this node at its own address, of the network {settings.routed}"
    if reach is Reach.DIRECT:
        return "other nodes reach this node at its own address, on the master's network"
    return f"other nodes reach this node through the master at {settings.master}"


_OUTSIDE = """\
# Where the engine publishes this node's port, under the same number. Who can be reached only through a master
# is told where to find it by the master's own word, so that has to be an address that holds everywhere.
TCP_FORWARDING_HOST = {address}
# Not every host reaches itself at that address: what is on this node's own network takes its own one.
PRIVATE_NETWORK_INTERFACE = *
"""
_NETWORK = """\
# Nodes whose networks have the same name connect to each other's own addresses.
PRIVATE_NETWORK_NAME = {network}
"""
_IPV6_ALONE = """\
# Left to find out, the schedd would listen for its shadows at IPv4 alone, and tell them its address of IPv6
# (BindAnyLocalCommandPort in daemon_core.cpp takes the first version of IP that is not forbidden).
ENABLE_IPV4 = False
"""
_BROKER = """\
# Nobody connects to this node: it is asked to connect, through the master's collector.
CCB_ADDRESS = $(COLLECTOR_HOST)
# A router in between forgets a connection on which nothing is said, often after minutes; by default the node
# would find out after an hour (three times 20 min), and try again after another minute.
CCB_HEARTBEAT_INTERVAL = 60
CCB_RECONNECT_TIME = 5
"""


def render_reach(settings: NodeSettings, reach: Reach) -> str:
    """The part of HTCondor's configuration that follows from it; empty where there is nothing to say."""
    text = "" if settings.ipv4 else _IPV6_ALONE
    text += _NETWORK.format(network=settings.network) if settings.network else ""
    if reach is Reach.OUTSIDE:
        text += _OUTSIDE.format(address=settings.address)
    if reach is Reach.BROKER:
        text += _BROKER
    return text


def _is_neighbour(settings: NodeSettings) -> bool:
    """Whether the master is on a network of this node's own: no router is in between."""
    address = (settings.master.host, settings.master.port)
    with socket.create_connection(address, timeout=_TIMEOUT_S) as connection:
        peer = str(connection.getpeername()[0])
    return routes_on_link(peer)


def routes_on_link(peer: str) -> bool:
    """Whether this node's best route to an address has no gateway."""
    tables = [path.read_text(encoding="ascii") for path in _ROUTES if path.exists()]
    return is_on_link(peer, tables[0] if tables else "", "".join(tables[1:]))


def is_on_link(peer: str, ipv4_routes: str, ipv6_routes: str) -> bool:
    """Whether the best route to an address has no gateway, by the kernel's tables as /proc/net has them."""
    address = ipaddress.ip_address(peer)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    if address.is_loopback:
        return True
    routes = _ipv4(ipv4_routes) if address.version == 4 else _ipv6(ipv6_routes)
    fitting = [(network.prefixlen, on_link) for network, on_link in routes if address in network]
    return bool(fitting) and max(fitting, key=lambda route: route[0])[1]


def _ipv4(table: str) -> list[tuple[ipaddress.IPv4Network, bool]]:
    """Destination and mask are numbers in the byte order of the machine."""
    routes = []
    for line in table.splitlines()[1:]:
        _, destination, gateway, flags, *_, mask, _, _, _ = line.split()
        if int(flags, 16) & 1:  # the route is up
            packed = int(destination, 16).to_bytes(4, sys.byteorder)
            network = ipaddress.IPv4Network((packed, int(mask, 16).bit_count()))
            routes.append((network, int(gateway, 16) == 0))
    return routes


def _ipv6(table: str) -> list[tuple[ipaddress.IPv6Network, bool]]:
    routes = []
    for line in table.splitlines():
        destination, prefix, _, _, gateway, _, _, _, flags, _ = line.split()
        if int(flags, 16) & 1:
            network = ipaddress.IPv6Network((bytes.fromhex(destination), int(prefix, 16)))
            routes.append((network, int(gateway, 16) == 0))
    return routes
