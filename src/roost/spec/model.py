"""What a pool should be, as plain frozen data: the pool file and the flags end here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from roost.contract import Role


class Suite(StrEnum):
    """The Debian release that the images are made of, and with it the HTCondor version."""

    TRIXIE = "trixie"
    """Debian 13: HTCondor 23.9."""
    FORKY = "forky"
    """Debian testing: HTCondor 25.14."""


@dataclass(frozen=True)
class VolumeSpec:
    """A directory or file of the host, mounted into the nodes of the given roles."""

    source: Path
    """Absolute path on the engine's host."""
    target: str
    """Absolute path in the container."""
    read_only: bool = True
    roles: tuple[Role, ...] = (Role.EXECUTE,)


@dataclass(frozen=True)
class ConfigPart:
    """A piece of HTCondor configuration for the nodes of the given roles."""

    origin: str
    """Where it was written, for people: a path or a key of the pool file."""
    text: str
    roles: tuple[Role, ...] = tuple(Role)


@dataclass(frozen=True)
class PoolSpec:
    """What a pool should be. The defaults are a pool that any laptop can hold."""

    name: str = "roost"
    suite: Suite = Suite.TRIXIE
    executors: int = 2
    cpus: int = 1
    """CPUs of each executor."""
    memory_mb: int = 2048
    """Memory that each executor offers to jobs, in MiB (which HTCondor calls MB)."""
    master_memory_mb: int = 4 * 1024
    """Most memory that the master's container may have, in MiB."""
    submit_memory_mb: int = 16 * 1024
    """The same of the submit node's; how many jobs it queues and runs at once follows from it."""
    apt: tuple[str, ...] = ()
    """Debian packages that go into the executors' image."""
    pip: tuple[str, ...] = ()
    """Python requirements that go into the executors' image."""
    config: tuple[ConfigPart, ...] = ()
    """Extra configuration in the order in which it applies: the last one wins."""
    volumes: tuple[VolumeSpec, ...] = ()
    metrics_listen: str = ""
    """Where every node answers ``/health`` and ``/metrics``: ``ADDRESS:PORT`` in its container, or
    ``off``; empty: at each of its addresses, port :data:`roost.contract.METRICS_PORT`."""
    metrics_publish: str = ""
    """``ADDRESS:PORT`` of the engine's host where the master's answers can be had; empty: nowhere."""
    users_publish: str = ""
    """``ADDRESS:PORT`` of the engine's host where users from outside reach the submit node; empty:
    nowhere."""

    hosts_address: str = ""
    """IP address of the engine's host at which nodes of other hosts reach the pool: the master's port and
    the submit node's are published there. Empty: the pool is on this host alone."""
    hosts_bind: str = ""
    """Where they are published, if not at that address: it is none of the host's own, but leads to it."""

    def config_for(self, role: Role) -> tuple[ConfigPart, ...]:
        """The extra configuration of one role, in the order in which it applies."""
        return tuple(part for part in self.config if role in part.roles)

    def volumes_for(self, role: Role) -> tuple[VolumeSpec, ...]:
        """The volumes of one role, in the order of the pool file."""
        return tuple(volume for volume in self.volumes if role in volume.roles)
