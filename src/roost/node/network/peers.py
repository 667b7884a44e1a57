"""Who has to talk to whom, by the collector's ads. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from roost.contract import Role, node_of_machine
from roost.node.network.contact import Contact, parse_contact
from roost.node.readiness import SIGN_OF_LIFE


@dataclass(frozen=True)
class Known:
    """A node as the collector knows it. ``ahead_s`` is its clock against the master's, to the second, at
    its last word; ``heard_s`` how long ago that was, but for the time since anybody was heard."""

    name: str
    role: Role
    contact: Contact
    host: str = ""
    ahead_s: float | None = None
    heard_s: float | None = None


NEEDS: Mapping[Role, Mapping[Role, bool]] = {
    # The negotiator sends matches to the schedd, and nothing to the startd (NEGOTIATOR_INFORM_STARTD).
    Role.MASTER: {Role.SUBMIT: True, Role.EXECUTE: False},
    # Schedd and shadow claim the startd's slots, start jobs there, and find them again.
    Role.SUBMIT: {Role.MASTER: True, Role.EXECUTE: True},
    # The starter fetches and brings files, and tells the shadow how the job goes.
    Role.EXECUTE: {Role.MASTER: True, Role.SUBMIT: True},
}
"""To whom a node of each role talks by itself, and whether jobs need that; tools do so otherwise."""


def find_known(ads: Iterable[Mapping[str, Any]]) -> dict[str, Known]:
    """The nodes that have an ad of their role, by name."""
    ads = list(ads)
    # By the collector's clock, which need not be that of who asks.
    now = max((ad.get("LastHeardFrom", 0) for ad in ads), default=0)
    hosts = {_node(ad): str(ad["RoostHost"]) for ad in ads if "RoostHost" in ad}
    told: dict[str, list[Mapping[str, Any]]] = {}
    for ad in ads:
        if "MyCurrentTime" in ad:
            told.setdefault(_node(ad), []).append(ad)
    known: dict[str, Known] = {}
    for ad in ads:
        role = SIGN_OF_LIFE.get(str(ad.get("MyType")))
        name = _node(ad)
        if role is None or name in known:
            continue
        try:
            contact = parse_contact(str(ad.get("MyAddress", "")))
        except ValueError:
            continue
        own = told.get(name, [])
        # The way of an ad makes its clock seem to be behind, so that the one that seems so least is right.
        ahead_s = [one["MyCurrentTime"] - one.get("LastHeardFrom", now) for one in own]
        heard_s = [now - one["LastHeardFrom"] for one in own if "LastHeardFrom" in one]
        known[name] = Known(
            name,
            role,
            contact,
            hosts.get(name, ""),
            max(map(float, ahead_s), default=None),
            min(map(float, heard_s), default=None),
        )
    return known


def must_talk(role: Role, name: str, known: Iterable[Known]) -> list[tuple[Known, bool]]:
    """The nodes that a node of that role and name talks to, other than itself, and whether jobs need it."""
    needs = NEEDS[role]
    return [(one, needs[one.role]) for one in known if one.role in needs and one.name != name]


def _node(ad: Mapping[str, Any]) -> str:
    return node_of_machine(str(ad.get("Machine", "")))
