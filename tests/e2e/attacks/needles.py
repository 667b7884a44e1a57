"""Looking for secrets in bytes, whatever they are packed in."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

_BLOCK = 10
"""Any 20 characters in a row hold one whole block of these, and 60 bits are found by no accident."""

_PACKED: tuple[tuple[bytes, Callable[[bytes], bytes]], ...] = (
    (b"\x1f\x8b", gzip.decompress),
    (b"\xfd7zXZ\x00", lzma.decompress),
    (b"BZh", bz2.decompress),
)
_TAR_MAGIC = slice(257, 262)
_DAMAGED = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


def blocks(secret: bytes, size: int = _BLOCK) -> set[bytes]:
    return {secret[i : i + size] for i in range(0, len(secret) - size + 1, size)}


def key_needles(key: bytes) -> set[bytes]:
    """A key as it is, in hexadecimal, and in base64 wherever in a longer text it begins."""
    found = (
        blocks(key, 16) | blocks(key.hex().encode(), 20) | blocks(key.hex().upper().encode(), 20)
    )
    for shift in range(3):
        # Without the ends, which depend on what stands beside it.
        text = base64.b64encode(bytes(shift) + key)[4:-4]
        found |= blocks(text, 20) | blocks(text.translate(bytes.maketrans(b"+/", b"-_")), 20)
    return found


def token_needles(token: bytes) -> set[bytes]:
    """Any 20 characters of a token's signature; header and claims are no secret."""
    header, claims, signature = token.strip().split(b".")
    assert (header[:3], len(signature) > 40, bool(claims)) == (b"eyJ", True, True)
    return blocks(signature)


@dataclass(frozen=True)
class Needles:
    """Secrets, each by name with all that gives it away."""

    secrets: Mapping[str, frozenset[bytes]]

    def names_in(self, data: bytes) -> set[str]:
        return {name for name, all_ in self.secrets.items() if any(one in data for one in all_)}

    def find(self, data: bytes, where: str) -> Iterator[tuple[str, str]]:
        """Where which secret is: in the data, and in what is packed in it, however deep."""
        for name in self.names_in(data):
            yield where, name
        for member, content in unpack(data):
            yield from self.find(content, f"{where}:{member}")


def unpack(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What an archive or a compressed file holds. The damaged and the plain hold nothing; of a tar, whose
    files lie in it as they are, only what is packed again."""
    try:
        for magic, decompress in _PACKED:
            if data.startswith(magic):
                yield "unpacked", decompress(data)
        if data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from ((name, archive.read(name)) for name in archive.namelist())
        if data[_TAR_MAGIC] == b"ustar":
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                for member in tar:
                    file = tar.extractfile(member) if member.isfile() else None
                    content = file.read() if file else b""
                    if is_packed(content):
                        yield member.name, content
    except (*_DAMAGED, tarfile.TarError):
        return


def is_packed(data: bytes) -> bool:
    starts = (*(magic for magic, _ in _PACKED), b"PK\x03\x04")
    return data.startswith(starts) or data[_TAR_MAGIC] == b"ustar"
