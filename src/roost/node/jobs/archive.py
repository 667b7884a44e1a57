"""Files on their way back to the host, as one tar."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from roost.node.say import NodeError


def write_tar(directories: Iterable[tuple[Path, Iterable[str] | None]], output: BinaryIO) -> None:
    """What is in the directories, by its path or (None) all, as if it were in one.

    What vanishes meanwhile is left out. Raises :class:`NodeError` for a file that becomes
    shorter, or cannot be read.
    """
    with tarfile.open(fileobj=output, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for directory, paths in directories:
            for path in walk(directory) if paths is None else paths:
                try:
                    tar.add(directory / path, arcname=path, recursive=False)
                except FileNotFoundError:
                    continue
                except BrokenPipeError:
                    raise
                except OSError as error:
                    raise NodeError(f"{path} cannot be read to its end: {error}") from error
    output.flush()


def walk(directory: Path, prefix: str = "") -> Iterator[str]:
    """Paths of the files and directories below, each directory before what is in it."""
    try:
        with os.scandir(directory / prefix) as found:
            entries = sorted(found, key=lambda one: one.name)
    except FileNotFoundError:
        return  # it vanished meanwhile
    for entry in entries:
        path = f"{prefix}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield path
            yield from walk(directory, f"{path}/")
        elif entry.is_file(follow_symlinks=False):
            yield path
