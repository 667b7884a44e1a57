"""How a node is reached: what it finds out, says, and tells HTCondor."""

from __future__ import annotations

import pytest

from roost.contract import Role
from roost.node.reach import Reach, describe_reach, find_reach, is_on_link, render_reach
from roost.node.settings import Address, NodeSettings

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
BRIDGE = (
    HEAD
    + "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    + "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
)
"""A container at 172.17.0.0/16, whose gateway is 172.17.0.1."""
ROUTED = (
    HEAD
    + "eth0\t00000000\t0101FEA9\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    + "eth0\t0101FEA9\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
)
"""A container that has one address, and a router at 169.254.1.1."""
IPV6 = (
    "20010db8000000000000000000000000 40 00000000000000000000000000000000 00"
    " 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00"
    " 20010db8000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"
)

EXECUTE = NodeSettings(Role.EXECUTE, "execute-1", "lab", Address("192.0.2.1"))


@pytest.mark.parametrize(
    ("peer", "ipv4", "on_link"),
    [
        ("172.17.0.2", BRIDGE, True),
        ("::ffff:172.17.0.2", BRIDGE, True),
        ("172.18.0.2", BRIDGE, False),
        ("172.17.0.2", ROUTED, False),
        ("169.254.1.1", ROUTED, True),
        ("127.0.0.1", HEAD, True),
        ("192.0.2.1", HEAD, False),
        ("192.0.2.1", "", False),
        ("2001:db8::7", BRIDGE, True),
        ("2001:db8:1::7", BRIDGE, False),
    ],
)
def test_a_route_without_a_gateway_is_a_network_of_its_own(
    peer: str, ipv4: str, *, on_link: bool
) -> None:
    assert is_on_link(peer, ipv4, IPV6) is on_link


def test_what_needs_no_look() -> None:
    outside = EXECUTE._replace(address="198.51.100.1", network="one")
    assert find_reach(outside) is Reach.OUTSIDE
    assert find_reach(EXECUTE._replace(network="one")) is Reach.BROKER
    assert find_reach(EXECUTE._replace(role=Role.MASTER)) is Reach.DIRECT


def test_each_way_has_its_knobs() -> None:
    assert render_reach(EXECUTE, Reach.DIRECT) == ""
    outside = EXECUTE._replace(address="198.51.100.1")
    assert "\nTCP_FORWARDING_HOST = 198.51.100.1\n" in render_reach(outside, Reach.OUTSIDE)
    assert "CCB_ADDRESS" not in render_reach(outside, Reach.OUTSIDE)
    broker = render_reach(EXECUTE._replace(network="one"), Reach.BROKER)
    assert "\nPRIVATE_NETWORK_NAME = one\n" in broker
    assert "\nCCB_ADDRESS = $(COLLECTOR_HOST)\n" in broker
    assert "TCP_FORWARDING_HOST" not in broker


def test_the_log_says_what_it_takes() -> None:
    assert describe_reach(EXECUTE, Reach.BROKER).endswith("through the master at 192.0.2.1:9618")
    submit = EXECUTE._replace(role=Role.SUBMIT, address="198.51.100.1", port=9619)
    assert "198.51.100.1, port 9619" in describe_reach(submit, Reach.OUTSIDE)
