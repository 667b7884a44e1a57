"""What a container of each role may do and use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from roost.contract import Role

_BECOME_USERS = ("SETUID", "SETGID")
"""condor_master starts as root and becomes condor, the job's owner or a slot account."""

_RUN_JOBS = ("KILL", "CHOWN", "DAC_OVERRIDE")
"""KILL: condor_starter signals a job's processes, which belong to a slot account; without it,
leftovers of jobs survive. CHOWN: it gives each sandbox to its slot's account. DAC_OVERRIDE: without
it, condor_startd takes its execute directory for root-squashed and opens it to everybody."""


@dataclass(frozen=True)
class RoleTraits:
    """Rights and bounds of a role's container."""

    capabilities: tuple[str, ...]
    """Linux capabilities that stay; all others are dropped."""
    pids: int
    """Most processes and threads at once, so that a fork bomb in a job stops at its node."""
    log_mb: int
    """What the engine keeps of the node's log, in MiB."""
    stop_timeout_s: int
    """Time between SIGTERM and SIGKILL: daemons write their state and evict what runs."""


TRAITS: Mapping[Role, RoleTraits] = MappingProxyType(
    {
        # The collector forks for long queries; nothing else multiplies here.
        Role.MASTER: RoleTraits(
            capabilities=_BECOME_USERS, pids=1024, log_mb=64, stop_timeout_s=30
        ),
        # One condor_shadow for each running job.
        Role.SUBMIT: RoleTraits(
            capabilities=_BECOME_USERS, pids=32768, log_mb=128, stop_timeout_s=60
        ),
        # A condor_starter and whatever the job forks, for each slot.
        Role.EXECUTE: RoleTraits(
            capabilities=(*_BECOME_USERS, *_RUN_JOBS), pids=8192, log_mb=64, stop_timeout_s=60
        ),
    }
)

RUN_MB = 64
"""Most that ``/run`` may hold, in memory: configuration, sockets, and what the master tells Prometheus (a
few kB for each node)."""

EXECUTOR_OVERHEAD_MB = 128
"""Memory of an executor's own processes, on top of what it offers to jobs: a job that uses all it
was promised must not have the node's daemons killed."""
