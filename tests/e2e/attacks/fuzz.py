"""Malformed packets for the ports of a node, and connections that never come to a point.

HTCondor's protocol is CEDAR: a packet is one byte (1: the message's last), the length in four, and the
content, where a number takes eight (``src/condor_io`` of HTCondor). The shared port is asked for a daemon
by SHARED_PORT_CONNECT with a name; what follows goes there.
"""

from __future__ import annotations

import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

Target = tuple[str, int]

SHARED_PORT_CONNECT, DC_AUTHENTICATE = 75, 60010
COMMANDS: tuple[int, ...] = (
    *(0, 2, 5, 13, 14, 15, 48, 60),
    *(67, 68, 75, 76),
    *(1111, 1112, 421, 442, 444),
    *(60005, 60007, 60011, 60015, 60040, 60042, 60047, 60052),
)
"""Of the collector, CCB, the shared port, the schedd, the startd and of every daemon: condor_commands.h.
Without DC_AUTHENTICATE, which has a kind of its own: see :data:`FATAL`."""
DAEMONS = (b"collector", b"negotiator", b"self", b"nobody", b"../../etc/passwd", b"x" * 2000, b"")
CONNECT_TIMEOUT_S = 20.0
ANSWER_TIMEOUT_S = 0.05
THREADS = 8


def number(value: int) -> bytes:
    return struct.pack(">q", value)


def packet(content: bytes, *, length: int | None = None, end: int = 1) -> bytes:
    return struct.pack(">BI", end, len(content) if length is None else length) + content


def random_bytes(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randint(1, 600))


def cut_header(chance: random.Random) -> bytes:
    whole = packet(number(chance.choice(COMMANDS)))
    return whole[: chance.randrange(len(whole))]


def false_length(chance: random.Random) -> bytes:
    length = chance.choice((0, 1, 5, 0x100000, 0x100001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF))
    content = number(chance.choice(COMMANDS)) + random_bytes(chance)
    return packet(content, length=length, end=chance.choice((0, 1, 2, 255)))


def command_with_garbage(chance: random.Random) -> bytes:
    return packet(number(chance.choice(COMMANDS)) + random_bytes(chance)) + random_bytes(chance)


def authentication_with_garbage(chance: random.Random) -> bytes:
    """An ad of nonsense, with more attributes announced than there are."""
    attributes = chance.choice((0, 1, 3, 90, 1000, 100_000))
    texts = b"".join(random_bytes(chance) + b"\0" for _ in range(chance.randint(0, 3)))
    return packet(number(DC_AUTHENTICATE) + number(attributes) + texts)


def asking_for(daemon: bytes) -> bytes:
    """The packet that has the shared port hand over what follows."""
    ask = number(SHARED_PORT_CONNECT) + daemon + b"\0<127.0.0.1:1>\0" + number(10) + number(0)
    return packet(ask)


FATAL = packet(number(DC_AUTHENTICATE) + number(0x7FFFFFFF))
"""Ends any daemon of HTCondor 23.9.6, which makes room for that many attributes without a look at their
number (getClassAd in classad_oldnew.cpp). Later releases have bounds there."""


def through_the_shared_port(chance: random.Random) -> bytes:
    """Asks for a daemon, that may not be there, and says nonsense to it."""
    ask = number(SHARED_PORT_CONNECT) + chance.choice(DAEMONS) + b"\0<127.0.0.1:1>\0"
    ask += number(chance.choice((-1, 0, 10))) + number(chance.choice((0, 0, 1, 101, -1)))
    return packet(ask) + chance.choice((command_with_garbage, authentication_with_garbage))(chance)


def other_protocols(chance: random.Random) -> bytes:
    hello = b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + chance.randbytes(193)
    request = b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"
    long_one = b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n"
    headers = b"GET /health HTTP/1.1\r\n" + b"X: " + b"h" * 60_000 + b"\r\n"
    return chance.choice(
        (hello, request, long_one, headers, b"SSH-2.0-OpenSSH_9.2\r\n", b"\0" * 64)
    )


KINDS: tuple[Callable[[random.Random], bytes], ...] = (
    random_bytes,
    cut_header,
    false_length,
    command_with_garbage,
    authentication_with_garbage,
    through_the_shared_port,
    other_protocols,
)


def send_malformed(targets: list[Target], count: int, seed: int) -> Counter[str]:
    """Each packet by a connection of its own; what became of the connections."""
    with ThreadPoolExecutor(THREADS) as pool:
        chances = [random.Random(f"{seed}-{i}") for i in range(count)]
        sent = pool.map(lambda it: _send(targets[it[0] % len(targets)], it[1]), enumerate(chances))
        return Counter(sent)


def _send(target: Target, chance: random.Random) -> str:
    data = chance.choice(KINDS)(chance)
    try:
        connection = socket.create_connection(target, timeout=CONNECT_TIMEOUT_S)
    except OSError as error:
        return f"no connection: {type(error).__name__}"
    with connection, suppress(OSError):
        connection.settimeout(ANSWER_TIMEOUT_S)
        connection.sendall(data)
        manner = chance.randrange(3)
        if manner == 0:  # broken off
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif manner == 1:  # ended in order
            connection.shutdown(socket.SHUT_WR)
            connection.recv(4096)
        else:  # waiting for more
            connection.recv(4096)
    return "sent"


@contextmanager
def held_open(targets: list[Target], each: int) -> Iterator[None]:
    """Connections that say nothing."""
    with ExitStack() as stack:
        for target in targets * each:
            stack.enter_context(socket.create_connection(target, timeout=CONNECT_TIMEOUT_S))
        yield


@contextmanager
def stalled(target: Target, count: int) -> Iterator[float]:
    """Connections that stop within the first number: each keeps the shared port waiting for a second,
    one after the other (condor_read in DaemonCommandProtocol::ReadHeader), and no setting changes that.
    Gives the time at which they were made."""
    with ExitStack() as stack:
        for _ in range(count):
            connection = socket.create_connection(target, timeout=CONNECT_TIMEOUT_S)
            stack.enter_context(connection)
            connection.sendall(packet(number(DC_AUTHENTICATE))[:9])
        yield time.monotonic()
