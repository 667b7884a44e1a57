"""One way after the other: by the road first, then as HTCondor goes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from roost.contract import Role
from roost.node.network import measure
from roost.node.network.contact import parse_contact
from roost.node.network.exchange import STREAMING, Exchange
from roost.node.network.measure import Traveller, streams
from roost.node.network.peers import Known
from roost.node.network.road import Route
from roost.node.settings import Address, NodeSettings
from roost.nodefacts import Reach
from roost.pathfacts import Answer, Way

MASTER = Address("192.0.2.1")
BROKERED = "<10.0.0.3:9618?CCBID=192.0.2.1:9618%3fnoUDP#7&PrivNet=beta&noUDP>"
OUTSIDE = "<192.0.2.7:9619?PrivAddr=%3c10.0.0.2:9619%3e&PrivNet=beta&noUDP>"


class Roads:
    """Roads that all lead there, unless said otherwise; what was asked at their ends."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reach = Reach.CONNECTED
        self.answer = Answer.REFUSED
        self.asked: list[tuple[Sequence[str], Sequence[str], Mapping[str, str]]] = []
        monkeypatch.setattr(measure, "find_route", self._route)
        monkeypatch.setattr(measure, "connect_often", lambda _: (self.reach, "why", (0.4,)))
        monkeypatch.setattr(measure, "find_mtu", lambda _: 1500)
        monkeypatch.setattr(measure, "talk", self._talk)

    def _route(self, addresses: Sequence[Address]) -> Route:
        return Route(addresses[0], "10.0.0.9", on_link=False)

    def _talk(self, *question: Any) -> Exchange:
        self.asked.append(question)
        return Exchange(self.answer, "", 20.0)


@pytest.fixture
def roads(monkeypatch: pytest.MonkeyPatch) -> Roads:
    return Roads(monkeypatch)


def known(name: str, role: Role, sinful: str, ahead_s: float = 0.0) -> Known:
    return Known(name, role, parse_contact(sinful), "", ahead_s, 5.0)


def traveller(*others: Known, version: str = "23.9.6", **settings: Any) -> Traveller:
    own = NodeSettings(Role.EXECUTE, "execute-1", "roost", **{"master": MASTER, **settings})
    return Traveller(own, {one.name: one for one in others}, version)


ITSELF = known("execute-1", Role.EXECUTE, "<10.0.0.9:9618?noUDP>", ahead_s=3.0)
ITSELF_BROKERED = known("execute-1", Role.EXECUTE, BROKERED)


def test_the_way_to_the_master(roads: Roads) -> None:
    roads.answer = Answer.GRANTED
    negotiator = known("master", Role.MASTER, "<192.0.2.1:9618?noUDP>")
    path = traveller(ITSELF, negotiator).go_to_master()
    assert (path.target, path.contact, path.named) == ("master", "192.0.2.1:9618", False)
    assert (path.reach, path.round_trips_ms, path.mtu) == (Reach.CONNECTED, (0.4,), 1500)
    assert (path.answer, path.clock_s, path.heard_s) == (Answer.GRANTED, -3.0, 5.0)
    ((where, wanted, _),) = roads.asked
    assert where == ("-pool", "192.0.2.1:9618", "-type", "COLLECTOR")
    assert "ADVERTISE_STARTD" in wanted


def test_where_nothing_gets_to_the_master_nothing_is_asked(roads: Roads) -> None:
    roads.reach = Reach.SILENT
    path = traveller().go_to_master()
    assert (path.target, path.reach, path.answer) == ("master", Reach.SILENT, Answer.UNASKED)
    assert roads.asked == []


def test_a_name_that_does_not_resolve(roads: Roads, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_address: Address) -> tuple[str, int]:
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr(measure, "resolve", fail)
    path = traveller(master=Address("head.example")).go_to_master()
    assert (path.named, path.reach) == (True, Reach.UNRESOLVED)
    assert path.detail == "Name or service not known"


def test_to_an_address_outside(roads: Roads) -> None:
    submit = known("submit", Role.SUBMIT, OUTSIDE)
    path = traveller(ITSELF, submit).go(submit, needed=True)
    assert (path.way, path.contact, path.answer) == (Way.DIRECT, "192.0.2.7:9619", Answer.REFUSED)
    assert roads.asked == [(("-address", OUTSIDE), ("READ",), {})]


def test_on_a_network_of_the_same_name(roads: Roads) -> None:
    for sinful, place in ((OUTSIDE, "10.0.0.2:9619"), (BROKERED, "10.0.0.3:9618")):
        submit = known("submit", Role.SUBMIT, sinful)
        path = traveller(ITSELF, submit, network="beta").go(submit, needed=True)
        assert (path.way, path.contact) == (Way.DIRECT, place)


def test_through_the_master_only_the_answer_is_known(roads: Roads) -> None:
    other = known("submit", Role.SUBMIT, BROKERED)
    path = traveller(ITSELF, other).go(other, needed=False)
    assert (path.way, path.reach, path.mtu) == (Way.BROKER, None, None)
    assert (path.answer_ms, path.needed, path.both_brokered) == (20.0, False, False)
    assert roads.asked[0][2] == {}


@pytest.mark.parametrize(("version", "streaming"), [("23.9.6", False), ("25.14.1", True)])
def test_where_nobody_connects_to_either(roads: Roads, version: str, streaming: bool) -> None:
    other = known("submit", Role.SUBMIT, BROKERED)
    path = traveller(ITSELF_BROKERED, other, version=version).go(other, needed=True)
    assert path.both_brokered
    assert (roads.asked[0][2] == STREAMING) == streaming


def test_versions_that_pass_bytes_on() -> None:
    assert [streams(one) for one in ("", "23.9.6", "25.11.0", "25.12.0", "26.0.1")] == [
        *(False, False, False, True, True)
    ]
