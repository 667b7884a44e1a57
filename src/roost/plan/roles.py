"""What a container of each role may do and use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from roost.contract import Role
from roost.plan.rights import RIGHTS, Right


@dataclass(frozen=True)
class RoleTraits:
    """Rights and bounds of a role's container."""

    rights: tuple[Right, ...]
    """The Linux capabilities that stay, with their reasons; all others are dropped."""
    pids: int
    """Most processes and threads at once, so that a fork bomb in a job stops at its node."""
    log_mb: int
    """What the engine keeps of the node's log, in MiB."""
    stop_timeout_s: int
    """Time between SIGTERM and SIGKILL: daemons write their state and evict what runs."""

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The names of the capabilities, without ``CAP_``."""
        return tuple(right.capability for right in self.rights)


TRAITS: Mapping[Role, RoleTraits] = MappingProxyType(
    {
        # The collector forks for long queries; nothing else multiplies here.
        Role.MASTER: RoleTraits(
            rights=RIGHTS[Role.MASTER], pids=1024, log_mb=64, stop_timeout_s=30
        ),
        # One condor_shadow for each running job.
        Role.SUBMIT: RoleTraits(
            rights=RIGHTS[Role.SUBMIT], pids=32768, log_mb=128, stop_timeout_s=60
        ),
        # A condor_starter and whatever the job forks, for each slot.
        Role.EXECUTE: RoleTraits(
            rights=RIGHTS[Role.EXECUTE], pids=8192, log_mb=64, stop_timeout_s=60
        ),
    }
)

RUN_MB = 64
"""Most that ``/run`` may hold, in memory: configuration, sockets, and what the master tells Prometheus (a
few kB for each node)."""

EXECUTOR_OVERHEAD_MB = 128
"""Memory of an executor's own processes, on top of what it offers to jobs: a job that uses all it
was promised must not have the node's daemons killed."""
