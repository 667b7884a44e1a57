"""What a node measures on its ways to others: told by ``roost-node network --json``, judged by
:mod:`roost.pathverdict`.

Imported on both sides, so it may use nothing but the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roost.nodefacts import Reach


class Way(StrEnum):
    """Who connects to whom."""

    DIRECT = "direct"
    """The one that wants to talk, to the other's address."""
    BROKER = "CCB"
    """The other, since it was asked to through the master."""


class Answer(StrEnum):
    """What came back from HTCondor at the other end."""

    GRANTED = "granted"
    REFUSED = "refused"
    """HTCondor itself says no. Between submit nodes and executors it must: neither has the key that proves
    the other's token, and what they do goes by secrets of a match."""
    SMALL_ONLY = "small only"
    """A message that fits into one packet is answered, one that does not is not."""
    NONE = "none"
    UNASKED = "unasked"
    """There is nothing to ask, since nothing got there."""


@dataclass(frozen=True)
class Path:
    """The way from one node to another that it talks to, as ``source`` finds it.

    Of a way that goes through the master no more is known than the answer: the connection is begun at the
    other end, whose own look has the rest.
    """

    source: str
    target: str
    contact: str
    """``192.0.2.7:9618``: where the target says that it is, or the master as this node was told."""
    way: Way = Way.DIRECT
    needed: bool = True
    """Jobs need it; else only people and tools do."""
    to_master: bool = False
    """Which alone can tell whose a token is."""
    reach: Reach | None = None
    """How far a connection got; None where none is to be begun here."""
    detail: str = ""
    named: bool = False
    """The contact is a name, which has to be resolved."""
    address: str = ""
    """What it resolves to, or the one of the target's addresses that there is a route to."""
    from_address: str = ""
    """With which the node sets out."""
    on_link: bool | None = None
    """Whether there is no gateway in between."""
    round_trips_ms: tuple[float, ...] = ()
    """How long it took to connect, each time."""
    mtu: int | None = None
    """Most bytes in a packet, by what both ends and the routers in between have said."""
    answer: Answer = Answer.UNASKED
    answer_detail: str = ""
    answer_ms: float | None = None
    clock_s: float | None = None
    """How far the target's clock is ahead of the source's, by what both told the master: whole seconds."""
    heard_s: float | None = None
    """Since the master heard from the target."""
    both_brokered: bool = False
    """The source, too, is reached through the master."""
    version: str = ""
    """The source's HTCondor."""


@dataclass(frozen=True)
class Peer:
    """A node of the pool, as the master knows it. ``host`` is where it runs, where it says so."""

    name: str
    role: str
    host: str = ""


@dataclass(frozen=True)
class NetworkFacts:
    """All ways from one node. ``error`` is why the master did not tell it of the others."""

    node: str
    role: str
    pool: str
    paths: tuple[Path, ...] = ()
    peers: tuple[Peer, ...] = ()
    error: str = ""
    unmeasured: tuple[str, ...] = ()
    """Nodes for which there was no time."""
