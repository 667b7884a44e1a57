"""An archive of images, as ``docker save`` and ``podman save`` write it, checked before it is taken.

Every part of an image is named by what it holds: the list of images names each configuration by its SHA-256,
and the configuration names each layer by that of its content. So whatever is damaged or missing is found, and
an engine need not be trusted to look. See "Image Specification v1.2" of Docker's. Pure.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from roost import contract
from roost.contract import Role
from roost.errors import RoostError

_MANIFEST = "manifest.json"
_MOST_KEPT_BYTES = 1 << 20
"""What is larger is a layer, of which the digest is enough."""
_CHUNK_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"
_PLACES = ("localhost/", "docker.io/library/")
"""What engines put before the name of an image that came from no registry."""
_NAME = re.compile(r"roost-(?P<role>[a-z]+):[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_MEND = "make it again with `roost images save`, and copy all of it"


class ArchiveError(RoostError):
    """What is wrong with an archive."""


@dataclass(frozen=True)
class ArchivedImage:
    """An image of Roost's in an archive. ``id`` is the SHA-256 of its configuration."""

    id: str
    names: tuple[str, ...]
    """Without an engine's prefix."""
    labels: Mapping[str, str]


def read_archive(file: IO[bytes]) -> list[ArchivedImage]:
    """What is in an archive, which may be compressed, after all of it has been checked.

    Raises :class:`ArchiveError` for what is no archive of images, is damaged, or is not Roost's.
    """
    try:
        with tarfile.open(fileobj=file, mode="r|*") as tar:
            content = _read(tar)
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError) as error:
        raise ArchiveError(
            f"this is no archive of images, or it is damaged or cut short: {error}", hint=_MEND
        ) from error
    if _MANIFEST not in content.small:
        raise ArchiveError(
            f"this is no archive of images, or it is cut short: there is no {_MANIFEST} in it",
            hint=_MEND,
        )
    try:
        entries = json.loads(content.small[_MANIFEST])
        return [_check(entry, content) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(
            f"the archive's {_MANIFEST} is damaged: {error!r}", hint=_MEND
        ) from error


def bare_name(name: str) -> str:
    """The name of an image without what an engine has put before it."""
    return next((name.removeprefix(one) for one in _PLACES if name.startswith(one)), name)


@dataclass
class _Content:
    """Of each file: its bytes where they are few, and the SHA-256 of what it holds, unpacked."""

    small: dict[str, bytes] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def digest(self, name: str) -> str | None:
        """The same layer twice is a link to the first."""
        return self.digests.get(self.links.get(name, name))


def _read(tar: tarfile.TarFile) -> _Content:
    content = _Content()
    for member in tar:
        name = posixpath.normpath(member.name)
        if member.issym():
            content.links[name] = posixpath.normpath(
                posixpath.join(posixpath.dirname(name), member.linkname)
            )
        elif member.islnk():
            content.links[name] = posixpath.normpath(member.linkname)
        file = tar.extractfile(member) if member.isreg() else None
        if file:
            kept, content.digests[name] = _digest(file, member.size)
            if member.size <= _MOST_KEPT_BYTES:
                content.small[name] = kept
    return content


def _digest(file: IO[bytes], size: int) -> tuple[bytes, str]:
    """The first chunk as it is, and the digest of all of it, unpacked where it is packed."""
    first = chunk = file.read(_CHUNK_BYTES)
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if first.startswith(_GZIP) else None
    digest = hashlib.sha256()
    seen = 0
    while chunk:
        seen += len(chunk)
        digest.update(unpack.decompress(chunk) if unpack else chunk)
        chunk = file.read(_CHUNK_BYTES)
    if seen != size:
        raise EOFError(f"it ends {size - seen} bytes early")
    return first, digest.hexdigest()


def _check(entry: Mapping[str, Any], content: _Content) -> ArchivedImage:
    names = tuple(bare_name(name) for name in entry["RepoTags"] or ())
    called = ", ".join(names) or "an image without a name"
    config = posixpath.normpath(entry["Config"])
    image_id = posixpath.basename(config).removesuffix(".json")
    if content.digest(config) != image_id:
        raise _damaged(called, "its configuration")
    described = json.loads(content.small[content.links.get(config, config)])
    layers = [posixpath.normpath(layer) for layer in entry["Layers"]]
    wanted = [one.removeprefix("sha256:") for one in described["rootfs"]["diff_ids"]]
    if len(layers) != len(wanted):
        raise _damaged(called, f"{len(wanted)} layers are named and {len(layers)} are there")
    for number, (layer, digest) in enumerate(zip(layers, wanted, strict=True), start=1):
        if content.digest(layer) != digest:
            raise _damaged(called, f"layer {number} of {len(layers)}")
    labels = described["config"].get("Labels") or {}
    _refuse_foreign(called, names, labels)
    return ArchivedImage(image_id, names, labels)


def _damaged(called: str, what: str) -> ArchiveError:
    return ArchiveError(
        f"the archive is damaged: {called}: {what} is missing or not what it should be", hint=_MEND
    )


def _refuse_foreign(called: str, names: tuple[str, ...], labels: Mapping[str, str]) -> None:
    """Whatever else is in an archive would become an image of this engine, under any name."""
    role = labels.get(contract.LABEL_ROLE)
    found = [_NAME.fullmatch(name) for name in names]
    if role not in set(Role) or not found or not all(one and one["role"] == role for one in found):
        raise ArchiveError(
            f"the archive holds {called}, which is no image of Roost's",
            hint="`roost images save` writes Roost's images and no other; load others with the engine's"
            " own command",
        )
