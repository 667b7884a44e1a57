"""HTCondor's addresses of daemons, as its ads have them."""

from __future__ import annotations

import pytest

from roost.node.network.contact import parse_contact
from roost.node.settings import Address

PLAIN = "<10.1.0.3:9618?addrs=10.1.0.3-9618&alias=submit.roost.pool&noUDP&sock=schedd_1_2>"
DUAL = "<10.1.0.3:9618?addrs=10.1.0.3-9618+[2001-db8--3]-9618&noUDP&sock=startd_1_2>"
ONLY_IPV6 = "<[2001:db8::3]:9618?addrs=[2001-db8--3]-9618&noUDP>"
BROKERED = (
    "<10.2.0.3:9618?CCBID=198.18.0.1:9618%3faddrs%3d198.18.0.1-9618%26noUDP#7&PrivNet=beta"
    "&addrs=10.2.0.3-9618&noUDP&sock=startd_1_2>"
)
OUTSIDE = (
    "<198.18.0.2:9619?PrivAddr=%3c10.2.0.2:9619%3fsock%3dschedd_1_2%3e&PrivNet=beta"
    "&addrs=198.18.0.2-9619&noUDP&sock=schedd_1_2>"
)


def test_an_address_of_its_own() -> None:
    contact = parse_contact(PLAIN)
    assert contact.sinful == PLAIN
    assert contact.addresses == (Address("10.1.0.3"),)
    assert (contact.brokered, contact.network, contact.private) == (False, "", None)


def test_addresses_of_both_families() -> None:
    assert parse_contact(DUAL).addresses == (Address("10.1.0.3"), Address("2001:db8::3"))
    assert parse_contact(ONLY_IPV6).addresses == (Address("2001:db8::3"),)


def test_through_the_master() -> None:
    contact = parse_contact(BROKERED)
    assert (contact.brokered, contact.network) == (True, "beta")


def test_an_address_outside_and_one_on_a_network() -> None:
    contact = parse_contact(OUTSIDE)
    assert contact.addresses == (Address("198.18.0.2", 9619),)
    assert (contact.network, contact.private) == ("beta", Address("10.2.0.2", 9619))


@pytest.mark.parametrize("text", ["", "<>", "<10.1.0.3>", "<:9618>", "<10.1.0.3:x?noUDP>"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        parse_contact(text)
