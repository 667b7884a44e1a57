"""Files on their way back to the host, as one tar."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO


def write_tar(directories: Iterable[tuple[Path, Iterable[str] | None]], output: BinaryIO) -> None:
    """What is in the directories, by its path or (None) all, as if it were in one.

    What vanishes meanwhile is left out.
    """
    with tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for directory, paths in directories:
            for path in walk(directory) if paths is None else paths:
                try:
                    tar.add(directory / path, arcname=path, recursive=False)
                except FileNotFoundError:
                    continue
    output.flush()


def walk(directory: Path, prefix: str = "") -> Iterator[str]:
    """Paths of the files and directories below, each directory before what is in it."""
    with os.scandir(directory / prefix) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            path = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield path
                yield from walk(directory, f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                yield path
