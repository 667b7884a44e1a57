"""What came into a directory since its snapshot: by size and time, on the node where it came."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

Snapshot = dict[str, tuple[int, int]]
"""Size and mtime (ns) of each regular file by its path below the directory; -1 for directories."""
SNAPSHOT_FILE = "uploaded.json"


def take_snapshot(directory: Path) -> Snapshot:
    """Everything below a directory, links not followed."""
    return dict(_walk(directory, ""))


def save_snapshot(submission: Path, snapshot: Snapshot) -> None:
    """Keep it beside the directory, for whoever fetches later."""
    (submission / SNAPSHOT_FILE).write_text(json.dumps(snapshot), encoding="ascii")


def load_snapshot(submission: Path) -> Snapshot:
    """What :func:`save_snapshot` kept."""
    kept = json.loads((submission / SNAPSHOT_FILE).read_text(encoding="ascii"))
    return {path: tuple(value) for path, value in kept.items()}


def find_changes(directory: Path, before: Snapshot) -> list[str]:
    """Paths of what is new or different now, directories before what is in them."""
    now = take_snapshot(directory)
    return sorted(path for path, facts in now.items() if before.get(path) != facts)


def write_tar(directory: Path, paths: list[str], output: BinaryIO) -> None:
    """The paths as a tar stream. Whatever vanishes meanwhile is left out."""
    with tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for path in paths:
            try:
                tar.add(directory / path, arcname=path, recursive=False)
            except FileNotFoundError:
                continue
    output.flush()


def _walk(directory: Path, prefix: str) -> Iterator[tuple[str, tuple[int, int]]]:
    with os.scandir(directory / prefix) as entries:
        for entry in entries:
            path = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield path, (-1, 0)
                yield from _walk(directory, f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                facts = entry.stat(follow_symlinks=False)
                yield path, (facts.st_size, facts.st_mtime_ns)
