"""Disk, memory and CPU time of the node, as the kernel tells them for its container."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from roost import contract

CGROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")
_KB = 1024


@dataclass(frozen=True)
class Disk:
    """A file system, by a path on it."""

    path: str
    size_bytes: int
    free_bytes: int
    """For everybody, not for root alone."""


@dataclass(frozen=True)
class Machine:
    """What the node has and uses. None where the kernel does not say."""

    disks: tuple[Disk, ...]
    memory_used_bytes: int | None
    memory_limit_bytes: int | None
    cpu_s: float | None


def look_at_machine() -> Machine:
    """A few small reads of files that are no files."""
    return Machine(
        disks=tuple(_disks((contract.STATE_DIR, contract.EXECUTE_DIR))),
        memory_used_bytes=memory_used(CGROUP),
        memory_limit_bytes=memory_limit(CGROUP, _MEMINFO),
        cpu_s=cpu_seconds(CGROUP),
    )


def _disks(paths: Iterable[str]) -> Iterable[Disk]:
    """One for each file system: the execute directory is often on the same as the rest."""
    seen: set[int] = set()
    for path in paths:
        try:
            device = Path(path).stat().st_dev
            space = os.statvfs(path)
        except OSError:
            continue
        if device not in seen:
            seen.add(device)
            yield Disk(path, space.f_blocks * space.f_frsize, space.f_bavail * space.f_frsize)


def memory_used(cgroup: Path) -> int | None:
    """In use, without the page cache that the kernel would give back first."""
    for usage, inactive in (
        (cgroup / "memory.current", "inactive_file"),
        (cgroup / "memory" / "memory.usage_in_bytes", "total_inactive_file"),
    ):
        used = _number(usage)
        if used is not None:
            return max(used - _fields(usage.parent / "memory.stat").get(inactive, 0), 0)
    return None


def memory_limit(cgroup: Path, meminfo: Path) -> int | None:
    """The container's limit, or the host's memory where that is less or there is none."""
    limits = [
        _number(cgroup / "memory.max"),
        _number(cgroup / "memory" / "memory.limit_in_bytes"),
        _fields(meminfo).get("MemTotal:", 0) * _KB or None,
    ]
    return min((limit for limit in limits if limit is not None), default=None)


def cpu_seconds(cgroup: Path) -> float | None:
    """CPU time of everything in the container so far."""
    used_us = _fields(cgroup / "cpu.stat").get("usage_usec")
    if used_us is not None:
        return used_us / 1e6
    used_ns = _number(cgroup / "cpuacct" / "cpuacct.usage")
    return None if used_ns is None else used_ns / 1e9


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # "max" is no number, and no limit
        return None


def _fields(path: Path) -> dict[str, int]:
    """A file of names and numbers, one on each line."""
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdecimal()}
