"""Archives of images in memory, in the form in which ``docker save`` writes them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

Archived = tuple[Mapping[str, str], Sequence[str]]
"""Labels and names of one image."""


def write_archive(images: Iterable[Archived]) -> bytes:
    """The archive. Each image has one layer, which is all that makes it differ but for its labels."""
    buffer = io.BytesIO()
    manifest = []
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for labels, names in images:
            layer = repr(sorted(labels.items())).encode()
            diff_ids = [f"sha256:{sha256(layer).hexdigest()}"]
            config = json.dumps(
                {"config": {"Labels": dict(labels)}, "rootfs": {"diff_ids": diff_ids}}
            ).encode()
            digest = sha256(config).hexdigest()
            _add(tar, f"{digest}/layer.tar", layer)
            _add(tar, f"{digest}.json", config)
            manifest.append(
                {
                    "Config": f"{digest}.json",
                    "RepoTags": list(names),
                    "Layers": [f"{digest}/layer.tar"],
                }
            )
        _add(tar, "manifest.json", json.dumps(manifest).encode())
    return buffer.getvalue()


def read_archive(data: bytes) -> list[Archived]:
    """The images in an archive."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
        contents = {name: file.read() for name, file in files.items() if file}
    entries = json.loads(contents["manifest.json"])
    return [
        (json.loads(contents[entry["Config"]])["config"]["Labels"], entry["RepoTags"])
        for entry in entries
    ]


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))
