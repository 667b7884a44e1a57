"""A routed fabric between hosts, as with Calico: no two of them, and no two containers, share a network.

Each host has addresses of 32 and 128 bits on a cable of its own to a router, and a block of addresses for
its containers, which the router sends to it. Every link carries packets of 1400 bytes. There is no resolver,
and what goes elsewhere is lost without a word. Addresses of IPv6 are of 2001:2::/48, which is set aside for
test benches (RFC 5180).
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.hosts.names import session
from tests.hosts.namespaces import Namespace, make_namespace, wire
from tests.hosts.network import UPLINK, Plug

MTU = 1400
_GATEWAYS = ("169.254.2.1", "fe80::2:1")
"""The router's end of every cable, in both versions of IP."""


@dataclass(frozen=True)
class Blocks:
    """The addresses of a host's containers."""

    ipv4: str
    ipv6: str


NO_BLOCKS = Blocks("", "")


@dataclass(frozen=True)
class RoutedPlug(Plug):
    """Where a host is plugged into the router, which forgets its routes while the cable is out."""

    routes: tuple[tuple[str, ...], ...] = ()

    def push(self) -> None:
        super().push()
        for route in self.routes:
            self.switch.run("ip", *route)


class Fabric:
    """One router, to which hosts are plugged."""

    def __init__(self) -> None:
        self._router = make_namespace(f"{session()}-fabric")
        _forward(self._router)
        self._router.run("ip", "route", "add", "blackhole", "default")
        self._router.run("ip", "-6", "route", "add", "blackhole", "default")
        self._used = 0

    def attach(self, host: Namespace) -> tuple[str, Plug, Blocks]:
        """Plug a host in; its address of IPv4, its plug, and its containers' addresses."""
        self._used += 1
        number, port = self._used, f"port{self._used}"
        addresses = (f"198.18.1.{number}", f"2001:2:0:1::{number}")
        blocks = Blocks(f"198.18.{100 + number}.0/24", f"2001:2:0:{100 + number}::/64")
        _forward(host)
        wire(host, UPLINK, self._router, port)
        for space, end in ((host, UPLINK), (self._router, port)):
            space.run("ip", "link", "set", end, "mtu", str(MTU))
        routes = _routes(port, addresses, blocks)
        plug = RoutedPlug(self._router, port, addresses[0], routes=routes)
        plug.push()
        for lost in (*addresses, blocks.ipv4, blocks.ipv6):
            # While the cable is out: what a router says of that would be an answer.
            self._router.run("ip", "route", "add", "blackhole", lost, "metric", "4096")
        for address, gateway in zip(addresses, _GATEWAYS, strict=True):
            host.run("ip", "address", "add", address, "dev", UPLINK)
            host.run("ip", "route", "add", gateway, "dev", UPLINK)
            host.run("ip", "route", "add", "default", "via", gateway, "dev", UPLINK)
        return addresses[0], plug, blocks


def _routes(port: str, addresses: tuple[str, str], blocks: Blocks) -> tuple[tuple[str, ...], ...]:
    """What the router has to know of a host."""
    ways: list[tuple[str, ...]] = []
    for address, block, gateway in zip(
        addresses, (blocks.ipv4, blocks.ipv6), _GATEWAYS, strict=True
    ):
        ways.append(("address", "replace", gateway, "dev", port))
        ways.append(("route", "replace", address, "dev", port))
        ways.append(("route", "replace", block, "via", address, "dev", port))
    return tuple(ways)


def _forward(space: Namespace) -> None:
    space.run("sysctl", "-q", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    # An address of IPv6 is good at once: there is nobody else on a link.
    space.run(
        "sysctl", "-q", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0"
    )
