"""A compressed tar that appears whole or not at all."""

from __future__ import annotations

import os
import tarfile
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from roost.errors import ConflictError, RoostError, UsageError

_FILE_MODE = 0o600
_IN_MEMORY = 4 * 1024 * 1024


class Archive:
    """Files of one directory, in the order in which they are added."""

    def __init__(self, tar: tarfile.TarFile, top: str) -> None:
        self._tar = tar
        self._top = top
        self._mtime = int(time.time())

    def add(self, path: str, lines: Iterable[str]) -> str | None:
        """Add a file. What ``lines`` raises ends the file, and is returned in words; a file that would
        be empty because of that is left out."""
        problems: list[str] = []
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
            for line in _until_it_fails(lines, problems):
                spool.write(line.encode(errors="replace") + b"\n")
            member = tarfile.TarInfo(f"{self._top}/{path}")
            member.size, member.mode, member.mtime = spool.tell(), _FILE_MODE, self._mtime
            if member.size or not problems:
                spool.seek(0)
                self._tar.addfile(member, spool)
        return "".join(problems) or None


def _until_it_fails(lines: Iterable[str], problems: list[str]) -> Iterator[str]:
    """An archive is made when something is wrong, be it in Roost itself: whatever still answers
    belongs into it."""
    try:
        yield from lines
    except RoostError as error:
        problems.append(error.message)
    except Exception as error:  # noqa: BLE001 -- told, in the archive and by the command
        problems.append(f"this should not have happened: {type(error).__name__}: {error}")


@contextmanager
def new_archive(path: Path, *, force: bool) -> Iterator[Archive]:
    """An archive that is at ``path`` once the block has ended well; otherwise nothing is left.

    Only its owner may read it. Raises ConflictError for a file that is there, unless ``force``, and
    RoostError for one that cannot be written.
    """
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is no file", hint="name one with --output")
    if path.exists() and not force:
        raise ConflictError(
            f"{path} is there already", hint="give --force to replace it, or another --output"
        )
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            yield Archive(tar, path.name.removesuffix(".gz").removesuffix(".tar"))
        Path(temporary).replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> RoostError:
    return RoostError(
        f"cannot write {path}: {error.strerror or error}",
        hint="say with --output where it may be written, and where there is room",
    )
