"""The way to a port, as any program has it: the route, connections, and what fits into a packet.

A connection is what HTCondor needs, and a container has no right to more (ICMP), so round trips are those of
connecting: from the first packet to the answer of the other end's kernel.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from roost.node.diagnose.road import CONNECT_TIMEOUT_S, connect
from roost.node.reach import routes_on_link
from roost.node.settings import Address
from roost.nodefacts import Reach

TIMES = 5
_TCP_TIMESTAMPS = 1
_OPTIONS_OF_TIMESTAMPS = 12
_OPTIONS_BYTE = 5
"""Where ``struct tcp_info`` has the options of a connection."""
_IP_MTU, _IPV6_MTU = 14, 24
"""Of ``<linux/in.h>`` and ``<linux/in6.h>``: the socket module has no name for them."""
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


def connect_often(address: Address) -> tuple[Reach, str, tuple[float, ...]]:
    """How far connections get, why not further, and the milliseconds that each took."""
    took: list[float] = []
    reach, detail = Reach.SILENT, ""
    for _ in range(TIMES):
        began = time.perf_counter()
        reach, detail = connect((address.host, address.port))
        if reach is not Reach.CONNECTED:
            break
        took.append((time.perf_counter() - began) * 1000)
    return reach, detail, tuple(took)


def find_mtu(address: Address) -> int | None:
    """Most bytes in a packet: of the path, as far as routers have told, or what the other end takes."""
    try:
        with socket.create_connection(
            (address.host, address.port), CONNECT_TIMEOUT_S
        ) as connection:
            segment = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)
            if connection.family == socket.AF_INET6:
                path = connection.getsockopt(socket.IPPROTO_IPV6, _IPV6_MTU)
            else:
                path = connection.getsockopt(socket.IPPROTO_IP, _IP_MTU)
            options = _OPTIONS_OF_TIMESTAMPS if info[_OPTIONS_BYTE] & _TCP_TIMESTAMPS else 0
            return min(path, segment + options + _HEADERS[connection.family])
    except OSError:
        return None
