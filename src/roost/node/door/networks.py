"""``roost-node open-network NETWORK SECONDS`` on the master: let in whoever asks from there, for a while."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Sequence
from pathlib import Path

from roost.node.door.answer import answer, master_settings
from roost.node.door.ledger import OpenRange, open_ledger
from roost.node.door.logbook import aloud, note
from roost.node.say import NodeError

LONGEST_S = 24 * 3600
WIDEST = {4: 8, 6: 32}
"""The shortest prefix by IP version: an open network is one that the operator rules."""
_ROUTES = Path("/proc/net/route")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def open_network(arguments: Sequence[str]) -> int:
    """Open a network, and answer at once those who wait. 0 seconds closes it."""
    if len(arguments) != 2 or not arguments[1].isdecimal():
        raise NodeError("open-network takes a network, such as 192.0.2.0/24, and whole seconds")
    master_settings()
    network, seconds = check_network(arguments[0], find_gateways()), int(arguments[1])
    if seconds > LONGEST_S:
        raise NodeError(
            f"a network can be open for {LONGEST_S} s (24 h) at most, not for {seconds} s"
        )
    now = time.time()
    with open_ledger() as ledger:
        others = tuple(one for one in ledger.ranges if one.network != str(network))
        ledger.ranges = (*others, OpenRange(str(network), now + seconds)) if seconds else others
    if not seconds:
        note(f"the network {network} is closed: who asks from there waits for a person")
        return 0
    note(f"the network {network} is open for {seconds} s: who asks from there is let in")
    with aloud():
        return answer()


def check_network(text: str, gateways: Sequence[str]) -> Network:
    """The network. Raises :class:`NodeError` for what is none, for one that is too wide to mean anything, and
    for one where an engine's address translation may hide who asks."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise NodeError(f"{text!r} is no network: {error}; give one such as 192.0.2.0/24") from None
    widest = WIDEST[network.version]
    if network.prefixlen < widest:
        raise NodeError(f"{network} is too wide: open a network of /{widest} or smaller")
    for gateway in gateways:
        if ipaddress.ip_address(gateway) in network:
            raise NodeError(
                f"{network} holds {gateway}, the gateway of this master's own network: whoever the engine"
                " translates the address of comes from there, so that it says nothing of who asks. Open a"
                " network without it, or make an invite"
            )
    return network


def find_gateways(routes: Path = _ROUTES) -> list[str]:
    """The addresses of this container's default gateways (proc_net(5)): 32 bits in the kernel's own order."""
    try:
        lines = routes.read_text(encoding="ascii").splitlines()[1:]
    except OSError as error:
        raise NodeError(
            f"{routes} cannot be read, so that no network can be opened: {error}"
        ) from None
    found = (line.split() for line in lines)
    return [
        socket.inet_ntoa(int(words[2], 16).to_bytes(4, "little"))
        for words in found
        if len(words) > 7 and words[1] == "00000000" and words[2] != "00000000"
    ]
