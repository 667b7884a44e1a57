"""Space and inodes of the file systems that a node writes to."""

from __future__ import annotations

import os
from collections.abc import Iterable

from roost import contract
from roost.nodefacts import Disk


def look_at_disks(directories: Iterable[str]) -> tuple[Disk, ...]:
    """The node's own file system and those of other directories, each once."""
    disks: dict[int, Disk] = {}
    for path in (contract.STATE_DIR, *directories):
        try:
            device, seen = os.stat(path).st_dev, os.statvfs(path)  # noqa: PTH116
        except OSError:
            continue
        free, total = (blocks * seen.f_frsize for blocks in (seen.f_bavail, seen.f_blocks))
        disk = Disk(path, device, free, total, seen.f_favail, seen.f_files)
        disks.setdefault(device, disk)
    return tuple(disks.values())
