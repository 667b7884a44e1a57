"""Unpacking what a job made, without trusting it: files below one directory, and nothing else."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Set
from pathlib import Path, PurePosixPath
from typing import IO

from roost.errors import RoostError
from roost.pool.jobs.words import in_short


def unpack(
    archive: IO[bytes],
    to: Path,
    skipped: Callable[[str], None],
    *,
    outputs: Set[str] | None = None,
    wrote: Callable[[int], None] = lambda _: None,
) -> list[str]:
    """Write the regular files and directories of a tar stream below ``to``; return their names.

    Each file appears whole, in place of what was there. No path leaves ``to``, be it by ``..``, by
    an absolute name or through a link that is there already; links, devices and set-id bits of the
    archive are not made. With ``outputs``, only these, what is below them, and the directories that
    they are in are. ``skipped`` is told what was left out and why, ``wrote`` how many there are so
    far. Raises RoostError for an archive that is not whole, for what cannot be written, and, once all
    else is, for something in the way of one of ``outputs``.
    """
    root = to.resolve()
    leading = {str(one) for output in outputs or () for one in PurePosixPath(output).parents}
    written: list[str] = []
    in_the_way: list[str] = []
    try:
        with tarfile.open(fileobj=archive, mode="r|") as tar:
            for member in tar:
                is_output = outputs is not None and _is_asked(member, outputs, leading)
                problem = _problem(member, root)
                if not problem and not is_output and outputs is not None:
                    problem = "no output of that name was asked for"
                if problem:
                    tell = in_the_way.append if is_output else skipped
                    tell(f"{member.name}: {problem}")
                    continue
                if member.isdir():
                    (root / member.name).mkdir(parents=True, exist_ok=True)
                else:
                    _write(tar, member, root)
                written.append(member.name)
                wrote(len(written))
    except tarfile.TarError as error:
        raise RoostError(
            f"the files came back incomplete: {error}", hint="fetch them again"
        ) from error
    except (OSError, ValueError, OverflowError) as error:  # of names and times that cannot be, too
        reason = getattr(error, "strerror", None) or error
        raise RoostError(f"cannot write below {to}: {reason}") from error
    if in_the_way:
        raise RoostError(f"cannot write below {to}: {in_short(in_the_way)}")
    return written


def _problem(member: tarfile.TarInfo, root: Path) -> str | None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        return "its path leads out of the directory"
    if not (member.isreg() or member.isdir()):
        return "it is neither a file nor a directory"
    destination = root / path
    for parent in (root / one for one in path.parents):
        if parent.exists() and not parent.is_dir():
            return f"{parent} is a file"
    if not destination.parent.resolve().is_relative_to(root):
        return f"{destination.parent} is a link out of the directory"
    if member.isdir():
        if destination.is_symlink() and not destination.resolve().is_relative_to(root):
            return f"{destination} is a link out of the directory"
        if destination.exists() and not destination.is_dir():
            return "there is a file of that name"
    elif destination.is_dir() and not destination.is_symlink():
        return "there is a directory of that name"
    return None


def _is_asked(member: tarfile.TarInfo, outputs: Set[str], leading: Set[str]) -> bool:
    """An executor can hand in more than its job made: a ``.bashrc``, where a result is expected."""
    path = PurePosixPath(member.name)
    if member.isdir() and str(path) in leading:
        return True
    return any(str(one) in outputs for one in (path, *path.parents))


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    destination = root / member.name
    destination.parent.mkdir(parents=True, exist_ok=True)
    content = tar.extractfile(member)
    assert content is not None, "regular files have content"
    descriptor, name = tempfile.mkstemp(prefix=".roost-", dir=destination.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(content, file, 1024 * 1024)
        temporary = Path(name)
        temporary.chmod((0o777 if member.mode & 0o100 else 0o666) & ~_umask())
        os.utime(temporary, (member.mtime, member.mtime))
        temporary.replace(destination)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The process's; there is no way to read it but to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
