"""What a node uses and holds, as seen from its host."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from roost.engines.protocol import Engine
from tests.e2e.attacks.places import namespace_of, pid_of

_PSS = "Pss:"
LISTENING = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
"""States of a socket that waits for anybody, by table of /proc/net."""


@dataclass(frozen=True)
class Process:
    """One process of a node. ``pss_kb``: its memory, with its share of what others use too."""

    pid: int
    parent: int
    started: str
    name: str
    pss_kb: int
    descriptors: int

    @property
    def life(self) -> tuple[int, str]:
        """The same as long as it is the same process."""
        return self.pid, self.started


def processes_of(engine: Engine, container: str) -> list[Process]:
    """All but those that end as one looks."""
    space = namespace_of(pid_of(engine, container))
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if namespace_of(path.name) == space:
                found.append(_process(path))
    return found


def _process(path: Path) -> Process:
    stat = (path / "stat").read_text()
    rollup = (path / "smaps_rollup").read_text()
    pss = next(line.split()[1] for line in rollup.splitlines() if line.startswith(_PSS))
    fields = stat.rpartition(")")[2].split()
    return Process(
        int(path.name),
        parent=int(fields[1]),
        started=fields[19],
        name=stat.partition("(")[2].rpartition(")")[0],
        pss_kb=int(pss),
        descriptors=len(list((path / "fd").iterdir())),
    )


_ENGINES_RESOLVER = "0B00007F:"
"""127.0.0.11: Docker answers questions for names there, in each container's network."""


def listeners(engine: Engine, container: str) -> dict[tuple[str, int], str]:
    """The program that listens, by protocol (``tcp``, ``udp``) and port, on whatever address."""
    first = pid_of(engine, container)
    owners = _socket_owners(engine, container)
    found = {}
    for table, waiting in LISTENING.items():
        lines = Path(f"/proc/{first}/net/{table}").read_text().splitlines()[1:]
        for fields in map(str.split, lines):
            if fields[3] == waiting and not fields[1].startswith(_ENGINES_RESOLVER):
                port = int(fields[1].rpartition(":")[2], 16)
                found[table[:3], port] = owners.get(fields[9], "?")
    return found


def _socket_owners(engine: Engine, container: str) -> dict[str, str]:
    owners: dict[str, str] = {}
    for process in processes_of(engine, container):
        with suppress(OSError):
            for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
                with suppress(OSError):
                    target = str(descriptor.readlink())
                    if target.startswith("socket:["):
                        owners[target[8:-1]] = process.name
    return owners
