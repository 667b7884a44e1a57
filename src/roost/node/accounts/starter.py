"""What ``condor_startd`` starts for a job: sweep the slot's account, and become ``condor_starter``.

Nothing can come between: the startd starts one of these for each job, after the last one of the same slot
has ended. The lock stays open in the starter, so whoever gets it knows that the slot runs nothing. Imports
little, since every job waits for it.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import time

from roost.node.accounts.places import places
from roost.node.accounts.sweep import SweepError, sweep

STARTER = "/usr/sbin/condor_starter"
LOCKS_DIR = "/run/roost/accounts"
"""One file for each account that had a job: locked while it has one, empty once it was swept."""

_DIRTY = b"\n"
_LOCK_TIMEOUT_S = 60
_FAILURE_PAUSE_S = 2.0
"""The job is offered to this slot again at once."""
_VALUES = frozenset(
    {"-a", "-a2", "-append", "-local-name", "-slot-name", "-sock", "-pidfile", "-l", "-log"}
)
"""Options of daemons that are followed by a value, which is none itself."""


def main(argv: list[str]) -> int:
    """Become ``condor_starter``; returns only when no job may start, with the exit code."""
    slot = slot_of(argv)
    if slot is not None:
        try:
            _prepare(slot)
        except (SweepError, OSError) as error:
            _tell(
                f"no job starts in {slot}: its account cannot be cleaned of the last one: {error}"
            )
            time.sleep(_FAILURE_PAUSE_S)
            return 1
    os.execv(STARTER, ["condor_starter", *argv[1:]])  # noqa: S606  (the same command, at its place)
    return 1


def slot_of(argv: list[str]) -> str | None:
    """``slot1_1`` of ``… -a slot1_1 …``; None where the startd asks the starter what it can do.

    A job may choose the value of ``-a2`` in part.
    """
    words = iter(argv[1:])
    for word in words:
        value = next(words, None) if word in _VALUES else None
        if word in ("-a", "-append") and value and value.startswith("slot"):
            return value.partition("@")[0]
    return None


def _prepare(slot: str) -> None:
    """Lock the account, which the starter inherits, and sweep it."""
    try:
        account = pwd.getpwnam(slot)
    except KeyError:
        raise SweepError(
            f"there is no account {slot}, and HTCondor would run its jobs as nobody, beside each other: "
            f"offer one partitionable slot, or set STARTER = {STARTER}"
        ) from None
    lock = open_lock(slot)
    os.set_inheritable(lock, True)
    _wait_for(lock)
    os.pwrite(lock, _DIRTY, 0)
    sweep(account.pw_uid, account.pw_gid, places())


def open_lock(account: str) -> int:
    """The account's lock file, made where it is not there."""
    os.makedirs(LOCKS_DIR, mode=0o700, exist_ok=True)
    return os.open(f"{LOCKS_DIR}/{account}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _wait_for(lock: int) -> None:
    """Only a sweep after the last job can hold it."""
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise SweepError(f"it has been in use for {_LOCK_TIMEOUT_S} s") from None
            time.sleep(0.01)
        else:
            return


def _tell(message: str) -> None:
    """A line of the node's log: the startd drops what a starter prints."""
    from roost.logline import Level
    from roost.node.say import say

    with open("/proc/1/fd/1", "a", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        say(message, level=Level.ERROR)
