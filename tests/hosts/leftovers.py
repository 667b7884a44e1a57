"""Removing a bench: one that ends, and those whose process was killed."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from roost.waiting import wait_for
from tests.hosts.names import BASE_DIR, ForeignError, is_abandoned, owner
from tests.hosts.namespaces import Namespace, namespaces, run

_PATIENCE_S = 60.0
_ENGINES = ("dockerd", "podman")


def clear(bench: str | None = None) -> None:
    """Remove all of one bench; without one, of every bench whose process is gone."""

    def doomed(name: str) -> bool:
        if bench is None:
            return is_abandoned(name)
        return owner(name) is not None and owner(name) == owner(bench)

    gone = [space for space in namespaces() if doomed(space.name)]
    for space in gone:
        end_processes(space)
    for directory in sorted(BASE_DIR.glob("rth-*")):
        if doomed(directory.name):
            remove_directory(directory)
    for space in gone:
        remove_namespace(space)


def remove_namespace(space: Namespace) -> None:
    """Remove a bench's namespace, and with it the ends of all wires in it."""
    _refuse_foreign(space.name)
    run("ip", "netns", "delete", space.name)


def remove_directory(directory: Path) -> None:
    """Remove a bench's directory and whatever is still mounted below it."""
    _refuse_foreign(directory.name)
    mounted = [Path(line.split()[1]) for line in Path("/proc/mounts").read_text().splitlines()]
    for place in reversed([path for path in mounted if path.is_relative_to(directory)]):
        run("umount", "--lazy", str(place))
    shutil.rmtree(directory)


def end_processes(space: Namespace) -> None:
    """End what runs in a bench's namespace, and the containers that its engine left behind."""
    _refuse_foreign(space.name)
    everything = space.processes()
    # The engine first: it would start anew what is ended under it.
    _end([pid for pid in everything if program_of(pid) in _ENGINES])
    # Containers have namespaces of their own, but are children of what is in this one.
    _end([pid for parent in everything for pid in (*_descendants(parent), parent)])


def _end(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def ended() -> bool | None:
        return not any(program_of(pid) for pid in pids) or None

    wait_for("what ran on a test bench has ended", ended, timeout_s=_PATIENCE_S)


def program_of(pid: int) -> str:
    """What a process runs; nothing for a process that has ended, whether or not somebody has noted it."""
    try:
        status = Path("/proc", str(pid), "status").read_text()
    except OSError:
        return ""
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return "" if fields["State"].split()[0] in "ZX" else fields["Name"].strip()


def _descendants(parent: int) -> Iterator[int]:
    for path in Path("/proc", str(parent), "task").glob("*/children"):
        try:
            children = [int(pid) for pid in path.read_text().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from _descendants(child)


def _refuse_foreign(name: str) -> None:
    if owner(name) is None:
        raise ForeignError(f"{name} was not made by a test bench")
