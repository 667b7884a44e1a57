"""Which of a container's networks its HTCondor tells the others: the one that leads to the master.

With one network there is nothing to choose. In a service of Docker Swarm there are two or three (the overlay,
the host's own bridge, sometimes the ingress), and HTCondor would tell any of their addresses. It is named by
its interface, so that both families of addresses follow. See NETWORK_INTERFACE in HTCondor's manual.
"""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from roost.contract import Role
from roost.node.settings import NodeSettings

_SIOCGIFADDR = 0x8915
_IPV6 = Path("/proc/net/if_inet6")


def find_interface(settings: NodeSettings) -> str | None:
    """The interface; None where there is no choice, or no way to tell. The master has to be in reach."""
    interfaces = own_addresses()
    if len(set(interfaces.values())) < 2:
        return None
    address = _named_address() if settings.role is Role.MASTER else _address_to(settings)
    return interfaces.get(address) if address else None


def render_interface(interface: str | None) -> str:
    """The part of HTCondor's configuration that follows; empty where there is no choice."""
    if interface is None:
        return ""
    return f"""\
# Of several networks, the one that leads to the master; on the master, the one of its host name.
NETWORK_INTERFACE = {interface}
"""


def own_addresses() -> Mapping[str, str]:
    """The interface of each address at which others could reach this node."""
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # it has no address of this family
                request = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(any_socket.fileno(), _SIOCGIFADDR, request)
                found[socket.inet_ntoa(answer[20:24])] = name
    found |= parse_if_inet6(_IPV6.read_text(encoding="ascii") if _IPV6.exists() else "")
    return {address: name for address, name in found.items() if is_reachable(address)}


def parse_if_inet6(table: str) -> dict[str, str]:
    """The interface of each IPv6 address, by the kernel's table."""
    lines = (line.split() for line in table.splitlines())
    return {str(ipaddress.IPv6Address(bytes.fromhex(words[0]))): words[-1] for words in lines}


def is_reachable(address: str) -> bool:
    """Whether the address is one for others: neither the node's own loopback nor of one link alone."""
    ip = ipaddress.ip_address(address)
    return not (ip.is_loopback or ip.is_link_local)


def _named_address() -> str | None:
    """What the engine has written for the container's own name: its address on its first network."""
    with suppress(OSError):
        return str(socket.getaddrinfo(socket.gethostname(), None)[0][4][0])
    return None


def _address_to(settings: NodeSettings) -> str:
    """The node's own end of a connection to its master."""
    address = (settings.master.host, settings.master.port)
    with socket.create_connection(address, timeout=5) as connection:
        return str(connection.getsockname()[0])
