"""What follows from a node's own addresses."""

from __future__ import annotations

import ipaddress

import pytest

from roost.contract import Role
from roost.node import routed
from roost.node.reach import Reach, describe_reach, find_reach, render_reach
from roost.node.routed import find_routed_interface, with_own_addresses
from roost.node.say import NodeError
from roost.node.settings import Address, NodeSettings

EXECUTE = NodeSettings(Role.EXECUTE, "execute-1", "lab", Address("192.0.2.1"))
MASTER = EXECUTE._replace(role=Role.MASTER, master=Address("127.0.0.1"))
IPV4 = {"172.17.0.5": "eth0", "10.244.3.7": "eth1"}
IPV6 = {"2001:db8:1::7": "eth0"}


def test_the_interface_on_the_routed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routed, "own_addresses", lambda: {**IPV4, **IPV6})
    assert find_routed_interface(EXECUTE) is None
    for text, interface in (("10.244.0.0/16", "eth1"), ("2001:db8:1::/48", "eth0")):
        node = EXECUTE._replace(routed=ipaddress.ip_network(text))
        assert find_routed_interface(node) == interface
        assert find_reach(node) is Reach.DIRECT
        assert text in describe_reach(node, Reach.DIRECT)


@pytest.mark.parametrize(
    ("addresses", "said"), [(IPV4, "only 172.17.0.5, 10.244.3.7:"), ({}, "only its loopback:")]
)
def test_no_address_of_the_network(
    addresses: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routed, "own_addresses", lambda: addresses)
    elsewhere = EXECUTE._replace(routed=ipaddress.ip_network("10.9.0.0/24"))
    with pytest.raises(NodeError, match=r"ADDRESS is '10\.9\.0\.0/24', but") as caught:
        find_routed_interface(elsewhere)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("addresses", "host", "ipv4"),
    [(IPV4, "127.0.0.1", True), ({**IPV4, **IPV6}, "127.0.0.1", True), (IPV6, "::1", False)],
)
def test_a_node_may_have_no_ipv4(
    addresses: dict[str, str], host: str, *, ipv4: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routed, "own_addresses", lambda: addresses)
    master = with_own_addresses(MASTER)
    assert (master.master.host, master.ipv4) == (host, ipv4)
    other = with_own_addresses(EXECUTE)
    assert (other.master, other.ipv4) == (EXECUTE.master, ipv4)
    assert ("ENABLE_IPV4 = False" in render_reach(other, Reach.BROKER)) is not ipv4
