"""Podman's settings on machines that its defaults do not fit. Pure but for :func:`look`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_CAP_SYS_RESOURCE = 24


@dataclass(frozen=True)
class Machine:
    """What matters to Podman: whether limits may be raised, and whether cgroups are of one kind."""

    may_raise_limits: bool
    unified_cgroups: bool


def look(root: Path = Path("/")) -> Machine:
    """Look at this machine."""
    status = (root / "proc/self/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return Machine(
        may_raise_limits=bool(int(effective.split()[1], 16) >> _CAP_SYS_RESOURCE & 1),
        unified_cgroups=(root / "sys/fs/cgroup/cgroup.controllers").exists(),
    )


def render(machine: Machine) -> str | None:
    """A containers.conf for the machine; None where Podman's defaults will do."""
    if machine.may_raise_limits and machine.unified_cgroups:
        return None
    containers = "" if machine.may_raise_limits else "default_ulimits = []\n"
    # crun, the default, refuses a mixture of both versions of cgroups.
    engine = "" if machine.unified_cgroups else 'runtime = "runc"\n'
    return (
        f'[containers]\n{containers}\n[engine]\n{engine}\n[network]\nnetwork_backend = "netavark"\n'
    )
