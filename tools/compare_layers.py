"""Two images, saved with the engine's ``save``, compared layer by layer and file by file."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """What a layer says of one path."""

    kind: bytes
    mode: int
    owner: tuple[int, int]
    mtime: float
    link: str
    attributes: tuple[tuple[str, str], ...]
    content: str


def differences(one: Path, other: Path) -> list[str]:
    """One line for each difference between the layers of two saved images; none if they are the same
    to the last bit."""
    with tarfile.open(one) as first, tarfile.open(other) as second:
        layers = list(_layers(first)), list(_layers(second))
        if len(layers[0]) != len(layers[1]):
            return [f"{len(layers[0])} layers, and {len(layers[1])}"]
        return [
            f"layer {number}: {line}"
            for number, (a, b) in enumerate(zip(*layers, strict=True), start=1)
            for line in _layer_differences(first, a, second, b)
        ]


def layer_digests(image: Path) -> list[str]:
    """SHA-256 of each layer of a saved image, the lowest first."""
    with tarfile.open(image) as archive:
        return [_digest(archive, layer) for layer in _layers(archive)]


def _layers(archive: tarfile.TarFile) -> Iterator[str]:
    manifest = archive.extractfile("manifest.json")
    assert manifest
    yield from json.load(manifest)[0]["Layers"]


def _layer_differences(
    first: tarfile.TarFile, a: str, second: tarfile.TarFile, b: str
) -> Iterator[str]:
    if _digest(first, a) == _digest(second, b):
        return
    one, other = _entries(first, a), _entries(second, b)
    told = False
    for path in sorted(one.keys() | other.keys()):
        left, right = one.get(path), other.get(path)
        if left is None or right is None:
            told = True
            yield f"{path}: only in the {'second' if left is None else 'first'}"
            continue
        what = [
            f"{field.name} {getattr(left, field.name)} {getattr(right, field.name)}"
            for field in fields(Entry)
            if getattr(left, field.name) != getattr(right, field.name)
        ]
        if what:
            told = True
            yield f"{path}: {', '.join(what)}"
    if not told:
        yield "the same files, in another order or in other words"


def _digest(archive: tarfile.TarFile, name: str) -> str:
    file = archive.extractfile(name)
    assert file
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _entries(archive: tarfile.TarFile, name: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    with tarfile.open(fileobj=archive.extractfile(name)) as layer:
        for member in layer:
            file = layer.extractfile(member) if member.isreg() else None
            content = hashlib.sha256(file.read()).hexdigest() if file else ""
            headers = {key: value for key, value in member.pax_headers.items() if "xattr" in key}
            found[member.name] = Entry(
                *(member.type, member.mode, (member.uid, member.gid), member.mtime),
                *(member.linkname, tuple(sorted(headers.items())), content),
            )
    return found
