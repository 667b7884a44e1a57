"""The processes of a node, as ``/proc`` shows them to anybody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A process that is not defunct; ``program`` is the name of what it was started as."""

    pid: int
    program: str
    age_s: float


def find_processes(proc: Path = PROC) -> list[Process]:
    """All processes of this container."""
    return list(_processes(proc, _uptime_s(proc)))


def pids_of(program: str) -> set[int]:
    """Those of a program."""
    return {process.pid for process in find_processes() if process.program == program}


def age_of_container_s(proc: Path = PROC) -> float:
    """Since its first process was started."""
    return next((one.age_s for one in _processes(proc, _uptime_s(proc)) if one.pid == 1), 0.0)


def _processes(proc: Path, uptime_s: float) -> Iterator[Process]:
    for directory in proc.glob("[0-9]*"):
        try:
            stat = (directory / "stat").read_text(encoding="utf-8", errors="replace")
            command = (directory / "cmdline").read_bytes()
        except OSError:
            continue  # it ended while we looked
        fields = stat.rpartition(")")[2].split()
        if fields[0] not in "ZX":
            started_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
            program = PurePath(command.partition(b"\0")[0].decode(errors="replace")).name
            yield Process(int(directory.name), program, max(0.0, uptime_s - started_s))


def _uptime_s(proc: Path) -> float:
    return float((proc / "uptime").read_text(encoding="ascii").split()[0])
