"""What memory each job uses, told to the startd in a file that a cron job of its reads on and on.

HTCondor measures that itself where it has a process daemon or control groups. Its starter alone (23.9.6)
takes every job's memory for none, and the process daemon wants more rights than a container need have.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from roost.node.accounts.sweep import ipc_rows

MEMORY_FILE = Path("/run/roost/job-memory")
"""As the output of a cron job of the startd: an ad for each account that has a job."""
LOOK_S = 3.0
_CHANGE_MB = 16
_TELL_AGAIN_S = 30.0
_NEW_S = 10.0
"""Told anew after this change or this time, and always of a new job. The startd compares every ad with every
slot, so that one for each of 100 jobs every 3 s cost it 45 % of a core."""
_MOST_BYTES = 1_000_000
_KB_PER_MB = 1024
_BYTES_PER_KB = 1024
_SHM_DIR = "/dev/shm"  # noqa: S108
_MOST_FILES = 10_000
"""Of shared memory that are looked at: whoever makes more keeps nobody from working."""

Measure = Callable[[Mapping[str, int]], Mapping[str, int]]


class MemoryWatch:
    """Measures the accounts that have a job."""

    def __init__(self, file: Path = MEMORY_FILE, measure: Measure | None = None) -> None:
        self._file = file
        self._measure = measure or used_mb
        self._due = 0.0
        self._began: dict[str, float] = {}
        self._told: dict[str, tuple[int, float]] = {}

    def look(self, accounts: Iterable[str], now: float) -> None:
        """Tell what they use now, where that is not known already."""
        uids = {account: pwd.getpwnam(account).pw_uid for account in accounts}
        self._began = {account: self._began.get(account, now) for account in uids}
        if not uids or now < self._due:
            return
        self._due = now + LOOK_S
        news = {
            account: megabytes
            for account, megabytes in self._measure(uids).items()
            if self._is_news(account, megabytes, now)
        }
        if not news:
            return
        self._told.update({account: (megabytes, now) for account, megabytes in news.items()})
        if self._file.stat().st_size > _MOST_BYTES:
            os.truncate(self._file, 0)
        with self._file.open("a", encoding="ascii") as file:
            file.write(render_memory(news, now))

    def _is_news(self, account: str, megabytes: int, now: float) -> bool:
        """A job that took the place of another within a second is told after a while at the latest."""
        before_mb, told = self._told.get(account, (0, float("-inf")))
        return (
            now - self._began[account] <= _NEW_S
            or abs(megabytes - before_mb) >= _CHANGE_MB
            or now - told >= _TELL_AGAIN_S
        )


def render_memory(used: Mapping[str, int], now: float) -> str:
    """The ads. The time tells of which job they are: a slot's next one must not answer for the last."""
    return "".join(
        f"RoostJobMemory = {megabytes}\n"
        f"RoostJobMemoryTime = {int(now)}\n"
        f'SlotMergeConstraint = regexp("^{account}@", TARGET.Name)\n'
        f"- {account}\n"
        for account, megabytes in used.items()
    )


def used_mb(uids: Mapping[str, int]) -> Mapping[str, int]:
    """Memory of each account, in MB: of its processes, where what they share counts once for each, and what
    it keeps in shared memory, mapped or not."""
    private_kb = dict.fromkeys(uids.values(), 0)
    mapped_kb = dict(private_kb)
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            status = read_status(Path(entry.path, "status"))
            if status.uid in private_kb:
                private_kb[status.uid] += status.private_kb
                mapped_kb[status.uid] += status.shared_kb
    kept_kb = read_kept(uids.values())
    # What is mapped may be what is kept: that much is there for certain.
    return {
        account: (private_kb[uid] + max(mapped_kb[uid], kept_kb[uid])) // _KB_PER_MB
        for account, uid in uids.items()
    }


class Status(NamedTuple):
    """A process: its real user, and its memory without program and libraries, which processes share."""

    uid: int = -1
    private_kb: int = 0
    shared_kb: int = 0


def read_status(status: Path) -> Status:
    """From ``/proc/PID/status``; nobody's, for one that has ended."""
    with suppress(OSError, ValueError, KeyError):
        text = status.read_text(encoding="ascii", errors="replace")
        fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        private, shared = (
            int(fields.get(name, "0 kB").split()[0]) for name in ("RssAnon", "RssShmem")
        )
        return Status(int(fields["Uid"].split()[0]), private, shared)
    return Status()


def read_kept(
    uids: Iterable[int], directory: str = _SHM_DIR, table: str = "/proc/sysvipc/shm"
) -> Mapping[int, int]:
    """What each account keeps in files of shared memory and in System V's segments, in KiB."""
    kept_bytes = dict.fromkeys(uids, 0)
    for facts in islice(_files(directory), _MOST_FILES):
        if facts.st_uid in kept_bytes:
            kept_bytes[facts.st_uid] += facts.st_blocks * 512 // facts.st_nlink
    for row in ipc_rows(table):
        maker = int(row["cuid"])  # who owns it can be changed
        if maker in kept_bytes:
            kept_bytes[maker] += int(row["rss"])
    return {uid: used // _BYTES_PER_KB for uid, used in kept_bytes.items()}


def _files(directory: str) -> Iterator[os.stat_result]:
    """Those that root may see without rights over other accounts' directories."""
    for parent, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):  # it is gone
                facts = os.lstat(os.path.join(parent, name))
                if facts.st_nlink:
                    yield facts
