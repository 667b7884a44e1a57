"""Files on their way back to the host, as one tar."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO


def write_tar(directories: Iterable[Path], output: BinaryIO) -> None:
    """All that is in the directories, as if it were in one. What vanishes meanwhile is left out."""
    with tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for directory in directories:
            for path in walk(directory):
                add(tar, directory / path, path)
    output.flush()


def add(tar: tarfile.TarFile, source: Path, name: str) -> None:
    """One file or directory, alone."""
    try:
        tar.add(source, arcname=name, recursive=False)
    except FileNotFoundError:
        return


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
