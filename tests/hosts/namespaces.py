"""Network namespaces and the wires between them. Nothing of it is in the machine's own namespace."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.enginehost import HostError
from tests.hosts.names import check_ours

NETNS_DIR = Path("/run/netns")


@dataclass(frozen=True)
class Namespace:
    """A network namespace with a name, as ``ip netns`` keeps it."""

    name: str

    @property
    def path(self) -> Path:
        """What ``nsenter --net`` takes."""
        return NETNS_DIR / self.name

    def command(self, *argv: str) -> list[str]:
        """The command inside. ``ip netns exec`` would hide the mounts of cgroups."""
        return ["nsenter", f"--net={self.path}", *argv]

    def run(self, *argv: str) -> str:
        """Run a command inside; its output. Raises :class:`HostError`."""
        return run(*self.command(*argv))

    def processes(self) -> list[int]:
        """The processes whose network it is."""
        return [int(pid) for pid in run("ip", "netns", "pids", self.name).split()]


def make_namespace(name: str) -> Namespace:
    """A new one. Raises :class:`HostError` where there is one of that name."""
    run("ip", "netns", "add", check_ours(name))
    made = Namespace(name)
    made.run("ip", "link", "set", "lo", "up")
    return made


def namespaces() -> Iterator[Namespace]:
    """All that have a name, of whomever."""
    if NETNS_DIR.is_dir():
        yield from (Namespace(path.name) for path in sorted(NETNS_DIR.iterdir()))


def wire(one: Namespace, one_end: str, other: Namespace, other_end: str) -> None:
    """A cable between two namespaces, with an interface at each end."""
    check_ours(one.name)
    check_ours(other.name)
    end = ["type", "veth", "peer", "name", other_end, "netns", other.name]
    run("ip", "link", "add", one_end, "netns", one.name, *end)
    one.run("ip", "link", "set", one_end, "up")
    other.run("ip", "link", "set", other_end, "up")


def run(*argv: str) -> str:
    """Run a command of the machine's; its output. Raises :class:`HostError` with its last words."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HostError(f"`{' '.join(argv)}` failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
