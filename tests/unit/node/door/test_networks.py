"""Which networks may be opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.node.door.networks import check_network, find_gateways
from roost.node.say import NodeError

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100590A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000590A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""


def test_the_default_gateway(tmp_path: Path) -> None:
    routes = tmp_path / "route"
    routes.write_text(ROUTES)
    assert find_gateways(routes) == ["10.89.0.1"]
    with pytest.raises(NodeError, match="no network can be opened"):
        find_gateways(tmp_path / "nothing")


def test_a_network() -> None:
    assert str(check_network("192.0.2.0/24", ["10.89.0.1"])) == "192.0.2.0/24"
    assert str(check_network("fd00:1::/64", ["10.89.0.1"])) == "fd00:1::/64"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.89.0.0/16", r"holds 10\.89\.0\.1, the gateway"),
        ("0.0.0.0/0", "too wide"),
        ("::/0", "too wide"),
        ("192.0.2.7/24", "is no network"),
        ("lab", "is no network"),
        ("", "is no network"),
    ],
)
def test_what_is_not_opened(text: str, said: str) -> None:
    with pytest.raises(NodeError, match=said):
        check_network(text, ["10.89.0.1"])
