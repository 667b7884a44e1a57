"""Where the locks of one user on one host lie: where nobody else can take, hold or spoil them.

A name that anybody can guess in a directory that all may write to is anybody's: who makes it first keeps
this user out. So the files are in a directory that only this user may write to.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from roost.errors import RoostError

RUNTIME_DIRS = "/run/user"


class LockError(RoostError):
    """No file that is this user's alone can be had for a lock."""


def lock_directory() -> Path:
    """The directory, which is there. Raises LockError for one that is not this user's alone.

    All processes of a user have to come to the same one, or their locks do not meet. So it is found
    by the user's number: XDG_RUNTIME_DIR is set in a login and not in cron, and ``su`` leaves it
    another user's, but the directory that it names on every host with systemd is the same for all.
    Only where a user has none it is in the directory for temporary files.
    """
    uid = os.geteuid()
    runtime = Path(RUNTIME_DIRS, str(uid))
    try:
        ours = _is_private(runtime)
        directory = runtime / "roost" if ours else Path(tempfile.gettempdir()) / f"roost-{uid}"
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700)
        if not _is_private(directory):
            raise _not_ours(directory)
    except OSError as error:
        raise LockError(
            f"there is no place for locks: {error}", hint="set TMPDIR to a directory of your own"
        ) from error
    return directory


def open_lock(path: Path) -> int:
    """A descriptor of a lock's file, made if need be. Raises LockError."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise LockError(f"cannot open the lock {path}: {error.strerror}") from error


@contextmanager
def held(name: str) -> Iterator[None]:
    """Hold this user's lock of that name, and wait for it first. It ends with the process at the latest.
    Raises LockError."""
    descriptor = open_lock(lock_directory() / f"{name}.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_private(directory: Path) -> bool:
    """Whether it is a directory, and no link to one, that this user alone may write to."""
    try:
        facts = directory.lstat()
    except FileNotFoundError:
        return False
    others = stat.S_IWGRP | stat.S_IWOTH
    return (
        stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid() and not facts.st_mode & others
    )


def _not_ours(directory: Path) -> LockError:
    facts = directory.lstat()
    owner = str(facts.st_uid)
    with suppress(KeyError):
        owner = pwd.getpwuid(facts.st_uid).pw_name
    return LockError(
        f"{directory} is to hold this user's locks, but is {stat.filemode(facts.st_mode)} of {owner}",
        hint="remove it, or set TMPDIR to a directory of your own in all that you run roost from",
    )
