"""One way after the other of a node, each within a bound: by the road first, then as HTCondor goes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from roost import contract
from roost.contract import Role
from roost.node.diagnose.road import resolve
from roost.node.network.contact import Contact
from roost.node.network.exchange import STREAMING, talk
from roost.node.network.peers import Known
from roost.node.network.road import connect_often, find_mtu, find_route
from roost.node.settings import Address, NodeSettings
from roost.nodefacts import Reach
from roost.pathfacts import Path, Way

STREAMS_SINCE = (25, 12)
"""HTCondor whose collector passes bytes on between two nodes that nobody can connect to."""


@dataclass(frozen=True)
class Traveller:
    """A node on its ways. ``known`` are the nodes of the pool by name, ``version`` its own HTCondor's."""

    settings: NodeSettings
    known: Mapping[str, Known]
    version: str = ""

    @property
    def brokered(self) -> bool:
        """Whether nobody connects to this node."""
        own = self.known.get(self.settings.node)
        return own is not None and own.contact.brokered

    def go_to_master(self) -> Path:
        """The way that a node knows before it knows anything else."""
        settings = self.settings
        master = next((one for one in self.known.values() if one.role is Role.MASTER), None)
        name = master.name if master else Role.MASTER.value
        path = self._path(name, str(settings.master), Way.DIRECT, master)
        path = replace(path, to_master=True, named=not _is_ip(settings.master.host))
        try:
            host, port = resolve(settings.master)
        except OSError as error:
            return replace(path, reach=Reach.UNRESOLVED, detail=error.strerror or str(error))
        path = self._travel(path, (Address(host, port),))
        if path.reach is not Reach.CONNECTED:
            return path
        where = ("-pool", str(settings.master), "-type", "COLLECTOR")
        return self._converse(path, where, contract.ROLE_AUTHORIZATIONS[settings.role], {})

    def go(self, target: Known, *, needed: bool) -> Path:
        """The way to a node that the master knows."""
        contact, places = target.contact, target.contact.addresses
        way = Way.BROKER if contact.brokered else Way.DIRECT
        if self._shares_network(contact):
            way, places = Way.DIRECT, (contact.private or places[0],)
        path = self._path(target.name, str(places[0]), way, target)
        path = replace(path, needed=needed)
        environment: Mapping[str, str] = {}
        if way is Way.DIRECT:
            path = self._travel(path, places)
            if path.reach is not Reach.CONNECTED:
                return path
        elif self.brokered:
            path = replace(path, both_brokered=True)
            environment = STREAMING if streams(self.version) else {}
        return self._converse(path, ("-address", contact.sinful), ("READ",), environment)

    def _shares_network(self, contact: Contact) -> bool:
        return bool(contact.network) and contact.network == self.settings.network

    def _path(self, target: str, contact: str, way: Way, known: Known | None) -> Path:
        own = self.known.get(self.settings.node)
        clock_s = None
        if own and known and own.ahead_s is not None and known.ahead_s is not None:
            clock_s = known.ahead_s - own.ahead_s
        return Path(
            source=self.settings.node,
            target=target,
            contact=contact,
            way=way,
            clock_s=clock_s,
            heard_s=known.heard_s if known else None,
            version=self.version,
        )

    def _travel(self, path: Path, places: tuple[Address, ...]) -> Path:
        try:
            route = find_route(places)
        except OSError as error:
            return replace(path, reach=Reach.NO_ROUTE, detail=error.strerror or str(error))
        reach, detail, took_ms = connect_often(route.address)
        return replace(
            path,
            address=str(route.address),
            from_address=route.from_address,
            on_link=route.on_link,
            reach=reach,
            detail=detail,
            round_trips_ms=took_ms,
        )

    def _converse(
        self,
        path: Path,
        where: tuple[str, ...],
        wanted: tuple[str, ...],
        environment: Mapping[str, str],
    ) -> Path:
        said = talk(where, wanted, environment)
        path = replace(path, answer=said.answer, answer_detail=said.detail, answer_ms=said.took_ms)
        if path.way is Way.BROKER:
            return path
        # Now, since a router that a message was too big for has told by this time.
        host, _, port = path.address.rpartition(":")
        return replace(path, mtu=find_mtu(Address(host.strip("[]"), int(port))))


def streams(version: str) -> bool:
    """Whether daemons of that HTCondor reach each other where nobody can connect to either."""
    numbers = re.findall(r"\d+", version)[:2]
    return tuple(map(int, numbers)) >= STREAMS_SINCE


def _is_ip(host: str) -> bool:
    return ":" in host or re.fullmatch(r"[0-9.]+", host) is not None
