"""Multiplexed output: the frames in which an engine sends stdout and stderr over one connection.

A frame is one byte for the stream (1 stdout, 2 stderr), three of nothing, four for the length (big
endian), then that many bytes. See "Attach to a container" in the Docker Engine API.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from roost.engines.protocol import StreamName

Frame = tuple[StreamName, bytes]

_HEADER_BYTES = 8
_STDERR = 2
_PIECE_BYTES = 256 * 1024

_STAMP = re.compile(
    rb"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?"
    rb"(?P<zone>Z|[+-]\d\d:\d\d) ?"
)


def read_frames(read: Callable[[int], bytes]) -> Iterator[Frame]:
    """The frames that come out of ``read(n)``, which blocks until it has n bytes or the stream
    ends.

    A stream that breaks off inside a frame ends with what there is of it: the peer is gone, and its
    last words are worth more than an error about their length.
    """
    while len(header := read(_HEADER_BYTES)) == _HEADER_BYTES:
        length = int.from_bytes(header[4:], "big")
        data = read(length) if length else b""
        if data:
            yield (StreamName.STDERR if header[0] == _STDERR else StreamName.STDOUT), data
        if len(data) < length:
            return


def buffered(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """The same bytes, read in large pieces: for what is there already, since a piece that is to come
    would be waited for."""
    held = io.BytesIO()

    def from_buffer(count: int) -> bytes:
        nonlocal held
        data = held.read(count)
        while len(data) < count and (more := read(_PIECE_BYTES)):
            held = io.BytesIO(more)
            data += held.read(count - len(data))
        return data

    return from_buffer


def log_lines(frames: Iterable[Frame]) -> Iterator[bytes]:
    """Whole lines, each with its time stamp, of the frames of a container's log.

    Engines cut long lines into pieces (16 KiB and less) and stamp every piece: pieces of one line
    are joined again, apart for stdout and stderr, and keep the first stamp alone.
    """
    open_lines: dict[StreamName, bytes] = {}
    for stream, data in frames:
        for piece in _pieces(data):
            begun = open_lines.pop(stream, b"")
            line = begun + _STAMP.sub(b"", piece, count=1) if begun else with_full_stamp(piece)
            if line.endswith(b"\n"):
                yield line.rstrip(b"\r\n")
            else:
                open_lines[stream] = line
    yield from open_lines.values()


def with_full_stamp(line: bytes) -> bytes:
    """The line with its time in UTC and nine digits of a second, so that times sort as text.

    Docker writes it so already; Podman writes whole seconds (4.3) or drops trailing zeros, in the
    service's time zone.
    """
    match = _STAMP.match(line)
    if not match:
        return line
    whole = match["time"]
    if match["zone"] not in (b"Z", b"+00:00"):
        local = datetime.fromisoformat((whole + match["zone"]).decode())
        whole = local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
    fraction = (match["fraction"] or b"").ljust(9, b"0")
    return whole + b"." + fraction + b"Z " + line[match.end() :]


def _pieces(data: bytes) -> list[bytes]:
    """Cut after line feeds alone: ``bytes.splitlines`` would also cut at the carriage returns that
    programs use to draw progress."""
    return [piece for piece in re.split(rb"(?<=\n)", data) if piece]
