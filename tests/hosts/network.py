"""The network between hosts: a switch, and routers that hide what is behind them.

Addresses are of 198.18.0.0/15, which is set aside for test benches (RFC 2544). There is no way out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.hosts.names import session
from tests.hosts.namespaces import Namespace, make_namespace, wire

SWITCH = "switch"
UPLINK = "lan0"
"""A host's interface to the network."""
_PREFIX = 24


@dataclass(frozen=True)
class Plug:
    """Where a host or a router is plugged into the switch."""

    switch: Namespace
    port: str
    address: str
    """As whom those on the network see what comes through."""
    router: Namespace | None = None
    """What stands between the plug and a host."""

    def forward(self, inside: str, ports: range) -> None:
        """Let the router pass on what comes to its address at these ports, also from behind it: as a cloud
        does with the floating address of a machine."""
        assert self.router
        meant = f"-p tcp --dport {ports[0]}:{ports[-1]}"
        for rule in (
            f"-t nat -A PREROUTING -d {self.address} {meant} -j DNAT --to {inside}",
            f"-t nat -A POSTROUTING -s {inside} -d {inside} -j MASQUERADE",
            f"-A FORWARD -d {inside} {meant} -j ACCEPT",
        ):
            self.router.run("iptables", "--wait", *rule.split())

    def pull(self) -> None:
        """Cut it off: nothing comes through any more, and nobody is told."""
        self.switch.run("ip", "link", "set", self.port, "down")

    def push(self) -> None:
        """Heal the cut."""
        self.switch.run("ip", "link", "set", self.port, "up")


class Network:
    """One switch, 198.18.0.0/24, to which hosts and routers are plugged."""

    def __init__(self) -> None:
        self._switch = make_namespace(f"{session()}-{SWITCH}")
        self._switch.run("ip", "link", "add", SWITCH, "type", "bridge")
        self._switch.run("ip", "link", "set", SWITCH, "up")
        self._used = 0
        self._routers = 0

    def attach(self, host: Namespace) -> tuple[str, Plug]:
        """Plug a host in; its address, and its plug."""
        self._used += 1
        address, port = f"198.18.0.{self._used}", f"port{self._used}"
        wire(host, UPLINK, self._switch, port)
        self._switch.run("ip", "link", "set", port, "master", SWITCH)
        host.run("ip", "address", "add", f"{address}/{_PREFIX}", "dev", UPLINK)
        return address, Plug(self._switch, port, address)

    def attach_behind_router(self, host: Namespace) -> tuple[str, Plug]:
        """Plug a router in and the host behind it: what the host begins comes through with the router's
        address, nothing else does. The host's own address, and the router's plug."""
        self._routers += 1
        router = make_namespace(f"{session()}-router{self._routers}")
        _, plug = self.attach(router)
        inside = f"198.19.{self._routers}"
        wire(host, UPLINK, router, "inside0")
        router.run("ip", "address", "add", f"{inside}.1/{_PREFIX}", "dev", "inside0")
        host.run("ip", "address", "add", f"{inside}.2/{_PREFIX}", "dev", UPLINK)
        host.run("ip", "route", "add", "default", "via", f"{inside}.1")
        router.run("sysctl", "-q", "net.ipv4.ip_forward=1")
        for rule in (
            ("-t", "nat", "-A", "POSTROUTING", "-o", UPLINK, "-j", "MASQUERADE"),
            ("-P", "FORWARD", "DROP"),
            ("-A", "FORWARD", "-i", "inside0", "-o", UPLINK, "-j", "ACCEPT"),
            ("-A", "FORWARD", "-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT"),
        ):
            router.run("iptables", "--wait", *rule)
        return f"{inside}.2", replace(plug, router=router)
