"""Sweeping accounts whose job is over, so that nothing lies about until the next one comes.

What makes it safe to start a job is the sweep before it (:mod:`roost.node.accounts.starter`); this one
keeps a node's memory and disks free, and other jobs from seeing what ended ones left.
"""

from __future__ import annotations

import fcntl
import os
import pwd
from contextlib import suppress
from pathlib import Path

from roost.logline import Level
from roost.node.accounts.places import places
from roost.node.accounts.starter import LOCKS_DIR, open_lock
from roost.node.accounts.sweep import SweepError, sweep
from roost.node.say import say


class Janitor:
    """Looks for accounts to sweep, and sweeps each in a process of its own: nobody waits for it."""

    def __init__(self, locks_dir: str = LOCKS_DIR) -> None:
        self._locks_dir = Path(locks_dir)
        self._working: dict[str, int] = {}

    def glance(self) -> list[str]:
        """The accounts that have a job, once what ended jobs left is being swept.

        Costs a few system calls for each account that ever had a job.
        """
        self._reap()
        busy = []
        with suppress(FileNotFoundError):
            for lock in os.scandir(self._locks_dir):
                if lock.name in self._working or not lock.stat().st_size:
                    continue
                if is_free(lock.path):
                    self._working[lock.name] = _start(lock.name)
                else:
                    busy.append(lock.name)
        return busy

    def _reap(self) -> None:
        for account, pid in list(self._working.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._working[account]


def is_free(path: str) -> bool:
    """Whether no starter, nor what sweeps for one, has the lock."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _start(account: str) -> int:
    child = os.fork()
    if child == 0:
        try:
            clean(account)
        finally:
            os._exit(0)
    return child


def clean(account: str) -> None:
    """Sweep the account unless a job has started meanwhile."""
    lock = open_lock(account)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        facts = pwd.getpwnam(account)
        sweep(facts.pw_uid, facts.pw_gid, places())
        os.ftruncate(lock, 0)
    except BlockingIOError:
        return
    except (SweepError, OSError, KeyError) as error:
        os.ftruncate(lock, 0)  # the next job's start tries again, and fails if it must
        say(f"what a job left in {account} stays for now: {error}", level=Level.WARNING)
    finally:
        os.close(lock)
