"""The way to a port, as any program has it: the route, connections, and what fits into a packet.

A connection is what HTCondor needs, and a container has no right to more (ICMP), so round trips are those of
connecting: from the first packet to the answer of the other end's kernel.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from roost.node.diagnose.road import CONNECT_TIMEOUT_S, explain_failure
from roost.node.reach import routes_on_link
from roost.node.settings import Address
from roost.nodefacts import Reach

TIMES = 5
_TCP_INFO = struct.Struct("=8B16I")
"""The beginning of the kernel's ``struct tcp_info``, up to the round trip: see tcp(7) and <linux/tcp.h>."""
_OPTIONS, _SEGMENT, _PATH_MTU, _ROUND_TRIP_US = 5, 8 + 2, 8 + 13, 8 + 15
_TIMESTAMPS, _BYTES_OF_TIMESTAMPS = 1, 12
_HEADERS = {socket.AF_INET: 40, socket.AF_INET6: 60}


@dataclass(frozen=True)
class Route:
    """With which address one sets out to another, and whether there is no gateway in between."""

    address: Address
    from_address: str
    on_link: bool


def find_route(addresses: Sequence[Address]) -> Route:
    """The route to the first of the addresses that has one. Raises OSError where none has."""
    failure = OSError("it has no address")
    for address in addresses:
        try:
            return Route(address, _source(address), routes_on_link(address.host))
        except OSError as error:
            failure = error
    raise failure


def _source(address: Address) -> str:
    """The kernel chooses it when a socket without connections is told its peer: nothing is sent."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((address.host, address.port))
        return str(probe.getsockname()[0])


@dataclass(frozen=True)
class Connection:
    """What the kernel says of a connection that it has just made: it looks at the clock when a packet goes
    and comes, however busy this program is. ``mtu`` is the most bytes in a packet that the path takes, as far
    as routers have told, and the other end."""

    round_trip_ms: float
    mtu: int


def visit(address: Address) -> Connection:
    """Connect, and go. Raises OSError."""
    with socket.create_connection((address.host, address.port), CONNECT_TIMEOUT_S) as connection:
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
        family = connection.family
    fields = _TCP_INFO.unpack(told)
    options = _BYTES_OF_TIMESTAMPS if fields[_OPTIONS] & _TIMESTAMPS else 0
    biggest = fields[_SEGMENT] + options + _HEADERS[family]
    return Connection(fields[_ROUND_TRIP_US] / 1000, min(fields[_PATH_MTU], biggest))


def connect_often(address: Address) -> tuple[Reach, str, tuple[float, ...]]:
    """How far connections get, why not further, and the round trip of each in milliseconds."""
    took_ms: list[float] = []
    for _ in range(TIMES):
        try:
            took_ms.append(visit(address).round_trip_ms)
        except OSError as error:
            return *explain_failure(address.host, error), tuple(took_ms)
    return Reach.CONNECTED, "", tuple(took_ms)


def find_mtu(address: Address) -> int | None:
    """Most bytes in a packet; None where a connection fails."""
    try:
        return visit(address).mtu
    except OSError:
        return None
