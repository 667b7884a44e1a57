"""The way to a port, over this machine's own network."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from roost.node.network.road import TIMES, connect_often, find_mtu, find_route
from roost.node.settings import Address
from roost.nodefacts import Reach


@pytest.fixture(params=["127.0.0.1", "::1"])
def listening(request: pytest.FixtureRequest) -> Iterator[Address]:
    host = request.param
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, backlog=2 * TIMES) as server:
        yield Address(host, server.getsockname()[1])


def test_a_port_that_listens(listening: Address) -> None:
    route = find_route([listening])
    assert (route.from_address, route.on_link) == (listening.host, True)
    reach, detail, took_ms = connect_often(listening)
    assert (reach, detail, len(took_ms)) == (Reach.CONNECTED, "", TIMES)
    assert min(took_ms) > 0
    assert (find_mtu(listening) or 0) > 1280


def test_a_port_that_does_not(listening: Address) -> None:
    with socket.create_server((listening.host, 0), family=_family(listening)) as server:
        closed = Address(listening.host, server.getsockname()[1])
    reach, detail, took_ms = connect_often(closed)
    assert (reach, took_ms) == (Reach.REFUSED, ())
    assert listening.host in detail
    assert find_mtu(closed) is None


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address.host else socket.AF_INET


def test_the_first_address_that_has_a_route() -> None:
    unroutable = Address("2001:db8:ffff::1%lo" if socket.has_ipv6 else "256.0.0.1")
    assert find_route([unroutable, Address("127.0.0.1")]).from_address == "127.0.0.1"
    with pytest.raises(OSError, match=r"."):
        find_route([unroutable])
    with pytest.raises(OSError, match="no address"):
        find_route([])
