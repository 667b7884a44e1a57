"""HTCondor's daemons on this node, seen as condor_master's children in /proc.

A look reads one small file while nothing changes, so it can be had every second: that a daemon died is
known at once, and that it was started again as well. See proc(5), ``/proc/pid/task/tid/children``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_PREFIX = "condor_"
_MASTER = "condor_master"
_START_TIME_FIELD = 19
"""Of ``/proc/pid/stat`` behind the command's name: in clock ticks since the machine started."""


class Daemon(NamedTuple):
    """One daemon. Times are in seconds of the epoch; ``ended`` is None while it runs."""

    name: str
    """As HTCondor calls the subsystem: ``SCHEDD``."""
    pid: int
    started: float
    ended: float | None = None
    restarts: int = 0

    @property
    def up(self) -> bool:
        """Whether it runs."""
        return self.ended is None


class DaemonWatch:
    """Remembers every daemon that it has seen. ``parent`` is the process that started condor_master."""

    def __init__(self, parent: int, proc: Path = Path("/proc")) -> None:
        self._parent = parent
        self._proc = proc
        self._master: int | None = None
        self._children: list[int] | None = None
        self.daemons: dict[str, Daemon] = {}

    def look(self, now: float) -> bool:
        """Whether a daemon ended or started since the last look."""
        children = self._children_of_master()
        if children == self._children:
            return False
        before = dict(self.daemons)
        programs = {pid: self._program(pid) for pid in children or ()}
        # A child that is still condor_master has not become its own program yet: look again.
        self._children = None if _MASTER in programs.values() else children
        running = {pid: name for pid, program in programs.items() if (name := _name(program))}
        self._note_ended(set(running), now)
        self._note_started(running, now)
        return self.daemons != before

    def _note_ended(self, running: set[int], now: float) -> None:
        for name, daemon in self.daemons.items():
            if daemon.up and daemon.pid not in running:
                self.daemons[name] = daemon._replace(ended=now)

    def _note_started(self, running: dict[int, str], now: float) -> None:
        for pid, name in running.items():
            seen = self.daemons.get(name)
            if seen is None or (not seen.up and seen.pid != pid):
                restarts = seen.restarts + 1 if seen else 0
                started = self._started(pid) or now
                self.daemons[name] = Daemon(name, pid, started, restarts=restarts)

    def _children_of_master(self) -> list[int] | None:
        """None while there is no condor_master."""
        if self._master is None:
            self._master = self._find_master()
        if self._master is None:
            return None
        children = children_of(self._proc, self._master)
        if children is None:
            self._master = None
        return children

    def _find_master(self) -> int | None:
        for pid in children_of(self._proc, self._parent) or ():
            if self._program(pid) == _MASTER:
                return pid
        return None

    def _program(self, pid: int) -> str:
        # /proc/pid/comm would end after 15 characters.
        try:
            command = (self._proc / str(pid) / "cmdline").read_bytes()
        except OSError:
            return ""
        return os.fsdecode(command.partition(b"\0")[0]).rpartition("/")[2]

    def _started(self, pid: int) -> float | None:
        try:
            stat = (self._proc / str(pid) / "stat").read_text()
            ticks = int(stat.rpartition(")")[2].split()[_START_TIME_FIELD])
        except (OSError, ValueError, IndexError):
            return None
        age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
        return time.time() - max(age_s, 0.0)


def _name(program: str) -> str | None:
    """The daemon's name by its program's; None for a helper."""
    if not program.startswith(_PREFIX) or program == _MASTER:
        return None
    return program.removeprefix(_PREFIX).upper()


def children_of(proc: Path, pid: int) -> list[int] | None:
    """The children of a process; None where there is no such process."""
    try:
        return [int(word) for word in (proc / f"{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        pass
    except OSError:
        return None
    if not (proc / str(pid)).exists():
        return None
    return sorted(_search_children(proc, pid))  # a kernel without CONFIG_PROC_CHILDREN


def _search_children(proc: Path, parent: int) -> Iterable[int]:
    for entry in proc.iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                yield int(entry.name)
