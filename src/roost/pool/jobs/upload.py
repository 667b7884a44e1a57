"""Files of the host as files for the submit node."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from roost import contract
from roost.engines.protocol import File
from roost.errors import UsageError
from roost.pool.jobs.inputs import Input


def owned(path: str, data: bytes | Path | None, mode: int = 0o644) -> File:
    """A file, or with ``data`` None a directory, of the account that owns the jobs."""
    uid = contract.JOB_OWNER_UID
    return File(path, data, mode, uid, uid)


def upload_files(inputs: Iterable[Input], prefix: str) -> Iterator[File]:
    """The inputs below ``prefix``, directories with all that is in them, links followed as
    HTCondor's file transfer follows them. Directories come before what is in them."""
    made: set[str] = set()
    for one in inputs:
        yield from _directories(f"{prefix}/{one.place}", prefix, made)
        yield from _tree(one.source, f"{prefix}/{one.place}", ())


def _directories(path: str, prefix: str, made: set[str]) -> Iterator[File]:
    """The directories between ``prefix`` and a path that were not yet told."""
    inner = path.removeprefix(f"{prefix}/").split("/")[:-1]
    for depth in range(1, len(inner) + 1):
        directory = f"{prefix}/{'/'.join(inner[:depth])}"
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
            for name in sorted(os.listdir(source)):
                yield from _tree(source / name, f"{path}/{name}", (*above, here))
        else:
            raise UsageError(f"the input {source} is neither a file nor a directory")
    except OSError as error:
        raise UsageError(f"the input {source} cannot be read: {error.strerror}") from error
