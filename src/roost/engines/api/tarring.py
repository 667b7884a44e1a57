"""Archives: files into a container or a build, and the repair of those that come out of one.

Everything is streamed: nothing is held but the block at hand, whatever the size of a file.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from roost.engines.protocol import File
from roost.errors import RoostError

_BLOCK = 256 * 1024
_END = bytes(2 * tarfile.BLOCKSIZE)


def tar_stream(files: Iterable[File], *, mtime: int = 0) -> Iterator[bytes]:
    """A tar of the files, in pieces of about 256 KiB. ``mtime`` in seconds of the epoch.

    Raises :class:`RoostError` for a host file that cannot be read, or that shrinks while it is
    read.
    """
    return _gathered(_pieces(files, mtime))


def with_top(archive: Iterable[bytes], top: str) -> Iterator[bytes]:
    """The same archive, every member of it named from ``top`` on.

    Podman (4.3) leaves ``top`` out of the names when the path is a volume of a stopped container.
    """
    source = ChunkReader(archive)
    first = source.peek(tarfile.BLOCKSIZE)
    if first.startswith((f"{top}/".encode(), f"{top}\0".encode())):
        yield from source.rest()
        return
    with tarfile.open(fileobj=source, mode="r|") as tar:
        topless = False
        for number, member in enumerate(tar):
            if number == 0:
                topless = member.name.strip("/") != top
            if topless:
                member.name = _below(top, member.name)
                member.linkname = (
                    _below(top, member.linkname) if member.islnk() else member.linkname
                )
                # What pax says of the old name would override the new one.
                member.pax_headers = {}
            yield member.tobuf(tarfile.PAX_FORMAT)
            content = tar.extractfile(member) if member.isreg() else None
            if content:
                yield from _padded(iter(partial(content.read, _BLOCK), b""), member.size)
    yield _END


class ChunkReader(io.RawIOBase):
    """A stream of chunks as a file to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes, or what there is, without taking them."""
        while len(self._buffer) < size and (chunk := next(self._chunks, None)) is not None:
            self._buffer += chunk
        return self._buffer[:size]

    def read(self, size: int = -1) -> bytes:
        """The next ``size`` bytes; fewer only at the end."""
        if size < 0:
            return b"".join(self.rest())
        taken = self.peek(size)
        self._buffer = self._buffer[len(taken) :]
        return taken

    def rest(self) -> Iterator[bytes]:
        """All that is left, as chunks."""
        buffer, self._buffer = self._buffer, b""
        if buffer:
            yield buffer
        yield from self._chunks


def _pieces(files: Iterable[File], mtime: int) -> Iterator[bytes]:
    for file in files:
        member = _member(file, mtime)
        yield member.tobuf(tarfile.PAX_FORMAT)
        if isinstance(file.data, bytes):
            yield from _padded(iter((file.data,)), member.size)
        elif file.data is not None:
            yield from _padded(_read(file.data, member.size), member.size)
    yield _END


def _member(file: File, mtime: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(file.path.lstrip("/"))
    member.type = tarfile.DIRTYPE if file.data is None else tarfile.REGTYPE
    member.mode, member.uid, member.gid = file.mode, file.uid, file.gid
    member.mtime = mtime
    member.size = _size(file)
    return member


def _size(file: File) -> int:
    if isinstance(file.data, Path):
        try:
            return file.data.stat().st_size
        except OSError as error:
            raise _unreadable(file.data, error) from error
    return len(file.data or b"")


def _read(path: Path, size: int) -> Iterator[bytes]:
    """Exactly ``size`` bytes of a file: that many were promised in its header."""
    try:
        with path.open("rb") as source:
            yield from _exactly(source, path, size)
    except OSError as error:
        raise _unreadable(path, error) from error


def _exactly(source: BinaryIO, path: Path, size: int) -> Iterator[bytes]:
    left = size
    while left:
        block = source.read(min(_BLOCK, left))
        if not block:
            raise RoostError(f"{path} became shorter while it was read", hint="try again")
        left -= len(block)
        yield block


def _padded(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    yield from blocks
    yield bytes(-size % tarfile.BLOCKSIZE)


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces, small ones together: each one costs a system call on its way to the engine."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        if len(buffer) >= _BLOCK:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _below(top: str, name: str) -> str:
    return f"{top}/{name.strip('/')}".rstrip("/")


def _unreadable(path: Path, error: OSError) -> RoostError:
    return RoostError(f"cannot read {path}: {error.strerror or error}")
