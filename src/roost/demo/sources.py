"""The input of the demo: Python sources of this machine, in chunks of about the same work."""

from __future__ import annotations

import heapq
import os
import sysconfig
import tarfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from roost.errors import NotFoundError

_NOT_OURS = frozenset({"__pycache__", "site-packages", "dist-packages"})


@dataclass(frozen=True)
class Source:
    """A file, its name in figures and tars, and its size in bytes."""

    path: Path
    name: str
    size: int


def standard_library() -> Path:
    """The directory of this Python's standard library."""
    return Path(sysconfig.get_paths()["stdlib"])


def find_sources(directory: Path, skipped: Callable[[str], None]) -> list[Source]:
    """The ``.py`` files below a directory, by name.

    Left out are hidden directories, installed packages and (told to ``skipped``) what cannot be
    read. Raises :class:`roost.errors.NotFoundError` where there is nothing to do.
    """
    if not directory.is_dir():
        raise NotFoundError(f"there is no directory {directory}", hint="name one with --input")
    found = []
    for parent, directories, names in os.walk(directory):
        directories[:] = [d for d in directories if d not in _NOT_OURS and not d.startswith(".")]
        for path in (Path(parent, name) for name in names if name.endswith(".py")):
            if os.access(path, os.R_OK) and path.is_file():
                name = path.relative_to(directory).as_posix()
                found.append(Source(path, name, path.stat().st_size))
            else:
                skipped(f"left out, since it cannot be read: {path}")
    if not found:
        raise NotFoundError(
            f"there is no Python source below {directory}",
            hint="name another directory with --input",
        )
    return sorted(found, key=lambda source: source.name)


def split(sources: Iterable[Source], chunks: int) -> list[list[Source]]:
    """Lists with about the same number of bytes: at least one, at most ``chunks``, none empty.

    The biggest file goes first, each to the list that holds least, so that no two lists differ by
    more than the biggest file.
    """
    by_size = sorted(sources, key=lambda source: (-source.size, source.name))
    lists: list[list[Source]] = [[] for _ in range(max(1, min(chunks, len(by_size))))]
    loads = [(0, number) for number in range(len(lists))]
    for source in by_size:
        load, number = heapq.heappop(loads)
        lists[number].append(source)
        heapq.heappush(loads, (load + source.size + 1, number))  # empty files are work, too
    return lists


def write_tar(path: Path, sources: Sequence[Source]) -> None:
    """The sources in a tar, under their names."""
    with tarfile.open(path, "w") as tar:
        for source in sources:
            tar.add(source.path.resolve(), source.name, recursive=False)
