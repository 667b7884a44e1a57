"""One build at a time for one user on one engine: the second one waits, and finds the work done.

This saves work and nothing else: what a build makes has names of its own until it is finished, so
two builds that do run at once (of two users, or of two hosts on one engine) end well too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roost.engines.protocol import Engine
from roost.events import Reporter, note
from roost.locks import LockError, lock_directory, open_lock


@contextmanager
def build_lock(engine: Engine, report: Reporter) -> Iterator[None]:
    """Hold the lock of this user's builds on the engine. It ends with the process at the latest."""
    try:
        path = lock_path(engine)
        descriptor = _acquire(path, report)
    except (LockError, OSError):
        # No such file can be had here: a build without a lock is as good, at worst done twice.
        yield
        return
    try:
        yield
    finally:
        # Still locked: whoever waits for this file finds it gone, and makes the next one.
        path.unlink(missing_ok=True)
        os.close(descriptor)


def lock_path(engine: Engine) -> Path:
    """The file that stands for this user's builds on the engine."""
    info = engine.info()
    which = hashlib.sha256(f"{info.name} {info.host} {info.root_dir}".encode()).hexdigest()[:12]
    return lock_directory() / f"build-{which}.lock"


def _acquire(path: Path, report: Reporter) -> int:
    told = False
    while True:
        descriptor = open_lock(path)
        try:
            if not _try_lock(descriptor):
                if not told:
                    note(report, "another build is at work on this engine: waiting for it")
                told = True
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is still the one at ``path``."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
