"""Which network a node tells the others."""

from __future__ import annotations

import pytest

from roost.contract import Role
from roost.node import interface
from roost.node.interface import find_interface, parse_if_inet6, render_interface
from roost.node.settings import Address, NodeSettings

IF_INET6 = """\
00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000005 05 40 00 00     eth0
"""
SWARM = {"10.0.1.5": "eth0", "172.18.0.3": "eth1"}


def settings(role: Role) -> NodeSettings:
    return NodeSettings(role, "a", "lab", Address("192.0.2.1"))


def test_addresses_of_ipv6() -> None:
    assert parse_if_inet6(IF_INET6) == {"::1": "lo", "2001:db8::5": "eth0"}


def test_this_machine_has_none_for_itself_alone() -> None:
    assert "127.0.0.1" not in interface.own_addresses()


@pytest.mark.parametrize("role", [Role.MASTER, Role.EXECUTE])
def test_with_one_network_there_is_nothing_to_choose(
    role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {"192.0.2.5": "eth0", "2001:db8::5": "eth0"}
    monkeypatch.setattr(interface, "own_addresses", lambda: both)
    assert find_interface(settings(role)) is None
    assert render_interface(None) == ""


@pytest.mark.parametrize(("address", "name"), [("10.0.1.5", "eth0"), ("172.18.0.3", "eth1")])
def test_of_two_it_is_the_one_to_the_master(
    address: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interface, "own_addresses", lambda: SWARM)
    monkeypatch.setattr(interface, "_address_to", lambda _: address)
    assert find_interface(settings(Role.EXECUTE)) == name
    assert f"NETWORK_INTERFACE = {name}" in render_interface(name)


def test_the_master_goes_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface, "own_addresses", lambda: SWARM)
    monkeypatch.setattr(interface, "_named_address", lambda: "10.0.1.5")
    assert find_interface(settings(Role.MASTER)) == "eth0"
    monkeypatch.setattr(interface, "_named_address", lambda: None)
    assert find_interface(settings(Role.MASTER)) is None
