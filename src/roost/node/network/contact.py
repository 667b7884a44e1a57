"""HTCondor's address of a daemon ("sinful string"), taken apart. Pure text.

See ``condor_sinful.cpp``: ``<HOST:PORT?KEY=VALUE&...>`` with the values percent-encoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from roost.node.settings import Address


@dataclass(frozen=True)
class Contact:
    """Where a daemon says that it is. ``sinful`` is the whole, for HTCondor's own tools."""

    sinful: str
    addresses: tuple[Address, ...]
    """Its preferred one first."""
    brokered: bool = False
    """It is asked to connect, through the master (CCB)."""
    network: str = ""
    """The name of its private network."""
    private: Address | None = None
    """Its address there, where that is another one."""


def parse_contact(sinful: str) -> Contact:
    """The contact. Raises ValueError where it has no address."""
    place, _, text = sinful.strip().strip("<>").partition("?")
    pairs = (pair.partition("=") for pair in text.split("&") if pair)
    parameters = {name: unquote(value) for name, _, value in pairs}
    listed = [_parse_listed(one) for one in parameters.get("addrs", "").split("+") if one]
    private = parameters.get("PrivAddr", "").strip("<>").partition("?")[0]
    return Contact(
        sinful,
        tuple(dict.fromkeys([_parse(place), *listed])),
        brokered="CCBID" in parameters,
        network=parameters.get("PrivNet", ""),
        private=_parse(private) if private else None,
    )


def _parse(place: str) -> Address:
    host, _, port = place.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"{place!r} is no address with a port")
    return Address(host.strip("[]"), int(port))


def _parse_listed(text: str) -> Address:
    """``10.0.0.5-9618`` and ``[2001-db8--5]-9618``: with a colon, it would need encoding."""
    host, _, port = text.rpartition("-")
    if host.startswith("["):
        return Address(host.strip("[]").replace("-", ":"), int(port))
    return Address(host, int(port))
