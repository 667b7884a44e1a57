"""Limits that a node can run into, and how near it is to them."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from roost.node.diagnose.processes import PROC, Process
from roost.nodefacts import Limit, LimitKind

_PIDS = (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup"))
"""Where the container's own cgroup is, in the first and in the second version of cgroups."""
_SPARE_INSTANCES = 8
_MAX_INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")


def look_at_limits(processes: Iterable[Process]) -> tuple[Limit, ...]:
    """What is limited; what cannot be found out is left out."""
    return (*_files(processes), *_processes(), *_inotify())


def _files(processes: Iterable[Process], proc: Path = PROC) -> Iterator[Limit]:
    """Open files of each daemon. The size of ``/proc/PID/fd`` is their number (since Linux 6.2); what
    is in it is hidden from whoever may not trace the daemon, as a container's root."""
    for process in processes:
        if process.program.startswith("condor_"):
            directory = proc / str(process.pid)
            try:
                used = (directory / "fd").stat().st_size
                limits = (directory / "limits").read_text(encoding="ascii")
            except OSError:
                continue
            most = re.search(r"^Max open files +([0-9]+)", limits, re.MULTILINE)
            if used and most:
                yield Limit(LimitKind.FILES, process.program, used, int(most[1]))


def _processes(places: Iterable[Path] = _PIDS) -> Iterator[Limit]:
    for place in places:
        try:
            used = int((place / "pids.current").read_text(encoding="ascii"))
            most = (place / "pids.max").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            continue
        if most.isdecimal():
            yield Limit(LimitKind.PROCESSES, "the node", used, int(most))
        return


def _inotify() -> Iterator[Limit]:
    """Nobody tells how many instances an account has: try whether it may have a few more."""
    libc = ctypes.CDLL(None, use_errno=True)
    made = [libc.inotify_init1(os.O_CLOEXEC) for _ in range(_SPARE_INSTANCES)]
    spare = sum(descriptor >= 0 for descriptor in made)
    for descriptor in made[:spare]:
        os.close(descriptor)
    try:
        most = int(_MAX_INSTANCES.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    used = 0 if spare == _SPARE_INSTANCES else most - spare
    yield Limit(LimitKind.INOTIFY, "the account root", used, most)
