"""Files of the host as files for the submit node."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from roost import contract
from roost.engines.protocol import File
from roost.errors import UsageError


def owned(path: str, data: bytes | Path | None, mode: int = 0o644) -> File:
    """A file, or with ``data`` None a directory, of the account that owns the jobs."""
    uid = contract.JOB_OWNER_UID
    return File(path, data, mode, uid, uid)


def upload(sources: Iterable[tuple[Path, str]], below: str = "") -> Iterator[File]:
    """Files, and directories with all that is in them, at the given places below ``below``.

    Links are followed, as HTCondor's file transfer follows those it is given. Each directory comes
    before what is in it. Raises UsageError for what cannot be read.
    """
    made: set[str] = set()
    for source, place in sources:
        path = f"{below}/{place}" if below else place
        yield from _parents(path, below, made)
        yield from _tree(source, path, ())


def _parents(path: str, below: str, made: set[str]) -> Iterator[File]:
    """The directories between ``below`` and a path that were not told yet."""
    parts = path.removeprefix(below).strip("/").split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        directory = "/".join(([below] if below else []) + parts[:depth])
        if directory not in made:
            made.add(directory)
            yield owned(directory, None, 0o755)


def _tree(source: Path, path: str, above: tuple[tuple[int, int], ...]) -> Iterator[File]:
    try:
        facts = source.stat()
        if stat.S_ISREG(facts.st_mode):
            if not os.access(source, os.R_OK):
                raise UsageError(f"the input {source} may not be read")
            yield owned(path, source, 0o755 if facts.st_mode & stat.S_IXUSR else 0o644)
        elif stat.S_ISDIR(facts.st_mode):
            here = (facts.st_dev, facts.st_ino)
            if here in above:
                raise UsageError(f"the input {source} is a link to a directory that it is in")
            yield owned(path, None, 0o755)
            for child in sorted(source.iterdir()):
                yield from _tree(child, f"{path}/{child.name}", (*above, here))
        else:
            raise UsageError(f"the input {source} is neither a file nor a directory")
    except OSError as error:
        raise UsageError(f"the input {source} cannot be read: {error.strerror}") from error
