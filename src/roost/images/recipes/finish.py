"""Runs as root at the end of a build's step, so that equal packages make an equal layer.

``finish.py [BEGAN]``: takes out what tells of the build alone (caches, logs, lists), and gives what was
made in it, be it file, directory or account, the time of the newest packaged file in place of today's.
``BEGAN`` is a file that was touched before the first package: a packaged file that is newer was
changed since then, and does not count.

What an earlier layer holds is not removed: the mark that takes its place has the time of the build.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

LEFT_BEHIND = (
    "usr/sbin/policy-rc.d",
    "var/lib/apt/lists/*_*",
    "var/lib/apt/lists/auxfiles",
    "var/cache/apt/*.bin",
    "var/cache/apt/archives/*.deb",
    "var/cache/debconf/*-old",
    # Holds inode numbers; ldconfig makes it anew.
    "var/cache/ldconfig/aux-cache",
    "var/lib/dpkg/*-old",
    "var/log/apt/*",
    "var/log/dpkg.log",
    "var/log/alternatives.log",
    "etc/*-",
    # Whoever has the image would have these keys. No sshd listens: each session of a job makes its own.
    "etc/ssh/ssh_host_*",
    "tmp/*",
)
_SHADOW_DATE = re.compile(r"^([^:]*:[^:]*:)[0-9]+(?=:)", re.MULTILINE)
_DAY_S = 86400


def remove_left_behind(root: Path, patterns: Iterable[str] = LEFT_BEHIND) -> None:
    """Remove what matches; directories with all that is in them."""
    for pattern in patterns:
        for path in root.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def newest_package(root: Path, began: float) -> int:
    """The time of the newest file that dpkg unpacked and nobody changed after ``began``, in seconds.

    A package's files have the time of its changelog's last entry, or older ones.
    """
    times = [0.0]
    for listing in (root / "var/lib/dpkg/info").glob("*.list"):
        for line in listing.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            try:
                found = (root / line.lstrip("/")).lstat()
            except OSError:
                continue  # dpkg was told to leave it out
            if not stat.S_ISDIR(found.st_mode) and found.st_mtime < began:
                times.append(found.st_mtime)
    return int(max(times))


def set_account_dates(root: Path, time_s: int) -> None:
    """The day of the last change of each password, which says when an account was made."""
    file = root / "etc/shadow"
    text = file.read_text(encoding="ascii")
    changed = _SHADOW_DATE.sub(rf"\g<1>{time_s // _DAY_S}", text)
    if changed != text:
        file.write_text(changed, encoding="ascii")


def clamp_times(root: Path, time_s: int) -> None:
    """Let nothing on the root's file system be newer than ``time_s``. What is older is not touched:
    Python's bytecode names the time of its source."""
    for path in (*_below(root), root):
        if path.lstat().st_mtime > time_s:
            try:
                os.utime(path, (time_s, time_s), follow_symlinks=False)
            except PermissionError:
                continue  # an engine's own


def _below(root: Path) -> Iterator[Path]:
    """Everything below ``root`` but what is mounted there by the engine, such as resolv.conf."""
    mounted = mount_points()
    for name, directories, files in os.walk(root):
        directories[:] = [one for one in directories if f"{name.rstrip('/')}/{one}" not in mounted]
        for one in (*directories, *files):
            path = Path(name, one)
            if str(path) not in mounted:
                yield path


def mount_points(table: Path = Path("/proc/self/mountinfo")) -> frozenset[str]:
    """Where something is mounted (proc_pid_mountinfo(5): the fifth field, blanks as ``\\040``)."""
    lines = table.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return frozenset(line.split(" ")[4].replace("\\040", " ") for line in lines)


def main(arguments: list[str]) -> None:
    """Finish the step that this runs in."""
    root = Path("/")
    began = Path(arguments[0]).stat().st_mtime if arguments else float("inf")
    remove_left_behind(root)
    time_s = newest_package(root, began)
    set_account_dates(root, time_s)
    clamp_times(root, time_s)


if __name__ == "__main__":
    main(sys.argv[1:])
