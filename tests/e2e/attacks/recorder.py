"""Record what passes a network, as root in that network, in a process of its own.

As a program, it writes every packet of every interface into a file, each behind its length, until SIGTERM,
and then tells on stdout how many it saw and how many the kernel dropped.
"""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ETH_P_ALL = 3
SOL_PACKET, PACKET_STATISTICS = 263, 6
SO_RCVBUFFORCE = 33
BUFFER = 256 << 20
LARGEST = 1 << 17
"""Packets of a virtual network are as large as the sender made them before any card cut them."""

Stream = tuple[bytes, int, bytes, int]


def record(path: Path) -> None:
    """Until SIGTERM."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    ends = False

    def end(_signal: int, _frame: object) -> None:
        nonlocal ends
        ends = True

    signal.signal(signal.SIGTERM, end)
    tap.settimeout(0.2)
    print("recording", flush=True)
    with path.open("wb", buffering=1 << 20) as file:
        quiet = False
        while not (ends and quiet):
            try:
                packet = tap.recv(LARGEST)
            except TimeoutError:
                quiet = True
                continue
            quiet = False
            file.write(struct.pack(">I", len(packet)) + packet)
    seen, dropped = struct.unpack("II", tap.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    print(seen, dropped, flush=True)


@contextmanager
def recording(pid: int, path: Path) -> Iterator[None]:
    """Record the network of a process for as long as this lasts. AssertionError where packets are missing."""
    argv = ["nsenter", "--target", str(pid), "--net", sys.executable, __file__, str(path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "recording\n"
            yield
        finally:
            process.terminate()
            seen, dropped = process.stdout.read().split()
    assert (int(seen) > 0, dropped) == (True, "0"), f"{seen} packets seen, {dropped} dropped"


def packets_in(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def streams_in(path: Path) -> dict[Stream, bytes]:
    """What each side of each TCP connection said, in order: a text may be cut by packets."""
    parts: dict[Stream, dict[int, bytes]] = defaultdict(dict)
    for packet in packets_in(path):
        segment = segment_of(packet)
        if segment:
            stream, sequence, payload = segment
            first = min(parts[stream], default=sequence)
            # Numbers of bytes go round at 2^32.
            sequence += (1 << 32) * (sequence < first - (1 << 31))
            kept = parts[stream].get(sequence, b"")
            parts[stream][sequence] = max(kept, payload, key=len)
    return {stream: in_order(segments) for stream, segments in parts.items()}


def segment_of(packet: bytes) -> tuple[Stream, int, bytes] | None:
    """A TCP segment of IPv4 that carries something, in its Ethernet frame."""
    if packet[12:14] != b"\x08\x00" or packet[23] != socket.IPPROTO_TCP:
        return None
    ip = packet[14:]
    ip = ip[: struct.unpack_from(">H", ip, 2)[0] or None]
    tcp = ip[(ip[0] & 15) * 4 :]
    source, target, sequence = struct.unpack_from(">HHI", tcp)
    payload = tcp[(tcp[12] >> 4) * 4 :]
    return ((ip[12:16], source, ip[16:20], target), sequence, payload) if payload else None


def in_order(segments: dict[int, bytes]) -> bytes:
    """The bytes of a stream, each once, whatever was sent again."""
    text, after = [], 0
    for sequence, payload in sorted(segments.items()):
        new = payload[max(after - sequence, 0) :]
        text.append(new)
        after = max(after, sequence + len(payload))
    return b"".join(text)


if __name__ == "__main__":
    record(Path(sys.argv[1]))
