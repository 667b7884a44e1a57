"""What an engine says of a container's networks."""

from __future__ import annotations

import pytest

from roost.engines.api.parse import listed_container

FOUND: dict[str, object] = {
    "Id": "1",
    "Names": ["/lab-master"],
    "Image": "roost-master",
    "State": "running",
}
IPV4 = {"IPAddress": "172.17.0.2", "GlobalIPv6Address": ""}
IPV6 = {"IPAddress": "", "GlobalIPv6Address": "2001:db8::2"}


@pytest.mark.parametrize(
    ("networks", "address"),
    [
        ({}, None),
        ({"lab": {"IPAddress": ""}}, None),
        ({"lab": IPV4}, "172.17.0.2"),
        ({"lab": IPV6}, "2001:db8::2"),
        ({"first": IPV6, "second": IPV4}, "172.17.0.2"),
        ({"lab": {**IPV6, "IPAddress": "172.17.0.3"}}, "172.17.0.3"),
    ],
)
def test_the_address_of_a_container(
    networks: dict[str, dict[str, str]], address: str | None
) -> None:
    assert listed_container({**FOUND, "NetworkSettings": {"Networks": networks}}).address == address
