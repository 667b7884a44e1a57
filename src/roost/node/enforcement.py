"""What keeps jobs on an executor within the memory and CPUs they asked for: the strongest that there is.

HTCondor uses control groups where it may make some, and holds a job that the kernel ends for its memory.
Elsewhere the startd compares what a job uses with its slot, and holds it. Around all jobs of a node there
are the bounds of its container.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from roost.node.accounts.memory import MEMORY_FILE

_CGROUP = Path("/sys/fs/cgroup")
_STATUS = Path("/proc/self/status")
_CAP_SYS_ADMIN = 1 << 21
_CLONE_NEWNS = 0x20000
_MS_BIND = 0x1000
_V1_CONTROLLERS = ("memory", "cpu,cpuacct", "freezer")
_NO_QUOTA = ("max", "-1")


class Means(StrEnum):
    """How a limit is enforced, from the strongest on."""

    CGROUP_V2 = "cgroup-v2"
    CGROUP_V1 = "cgroup-v1"
    POLICY = "policy"
    """The startd holds a job that is seen to use more than its slot has."""
    CONTAINER = "container"
    """All jobs of the node together get no more than its container."""
    NONE = "none"


class Enforcement(NamedTuple):
    """What holds on a node. ``private_tmp``: each job has a /tmp, /var/tmp and /dev/shm of its own."""

    memory: Means
    cpus: Means
    private_tmp: bool

    def __str__(self) -> str:
        shared = "private" if self.private_tmp else "shared (swept of each job's files)"
        return f"memory by {self.memory}, CPUs by {self.cpus}, /tmp {shared}"


def find_enforcement() -> Enforcement:
    """What this container can do, tried out."""
    group = delegated(_CGROUP, Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines())
    return Enforcement(
        memory=group or Means.POLICY,
        cpus=group or (Means.CONTAINER if has_cpu_quota(_CGROUP) else Means.NONE),
        private_tmp=can_mount(),
    )


def delegated(cgroup: Path, memberships: Iterable[str]) -> Means | None:
    """Whether HTCondor may make control groups, by its own tests (``can_create_cgroup_v2`` and
    ``cgroup_v1_is_writeable`` in ``condor_utils``), and memory is among what they can bound.

    ``memberships`` are the lines of ``/proc/self/cgroup``.
    """
    if not (cgroup / "cgroup.controllers").is_file():
        groups = [cgroup / controller for controller in _V1_CONTROLLERS]
        return Means.CGROUP_V1 if all(_is_writable(group) for group in groups) else None
    own = next((line.split(":", 2)[2] for line in memberships if line.startswith("0::")), "/")
    group = cgroup / own.strip().lstrip("/")
    if not _is_writable(group):
        return None
    controllers = (group / "cgroup.controllers").read_text(encoding="ascii").split()
    return Means.CGROUP_V2 if "memory" in controllers else None


def _is_writable(directory: Path) -> bool:
    """Also false where it is mounted read-only, as engines do."""
    return directory.is_dir() and os.access(directory, os.R_OK | os.W_OK)


def has_cpu_quota(cgroup: Path) -> bool:
    """Whether the container has a bound on its CPU time."""
    for quota in (cgroup / "cpu.max", cgroup / "cpu" / "cpu.cfs_quota_us"):
        if quota.is_file():
            return quota.read_text(encoding="ascii").split()[0] not in _NO_QUOTA
    return False


def can_mount() -> bool:
    """Whether a starter could give a job a /tmp of its own: it needs CAP_SYS_ADMIN, and that neither
    seccomp nor a security module forbids it. HTCondor skips MOUNT_UNDER_SCRATCH without a word."""
    if not _effective(_STATUS) & _CAP_SYS_ADMIN:
        return False
    import ctypes  # which a container without that capability, the usual one, does not wait for

    child = os.fork()
    if child == 0:
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            refused = libc.unshare(_CLONE_NEWNS) or libc.mount(
                b"/tmp", b"/tmp", None, _MS_BIND, None
            )
            os._exit(1 if refused else 0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _effective(status: Path) -> int:
    """The capabilities in effect, as bits (proc_pid_status(5))."""
    lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff:"))


def render_enforcement(found: Enforcement) -> str:
    """The part of an executor's configuration that enforces, and advertises how."""
    private = "MOUNT_UNDER_SCRATCH = /tmp, /var/tmp\n" if found.private_tmp else ""
    return f"""\
# What keeps jobs within what they asked for. Found out at the start of this node, and advertised.
RoostMemoryEnforcement = "{found.memory}"
RoostCpuEnforcement = "{found.cpus}"
RoostPrivateTmp = {found.private_tmp}
STARTD_ATTRS = $(STARTD_ATTRS) RoostMemoryEnforcement RoostCpuEnforcement RoostPrivateTmp
{private}# Where HTCondor may make control groups, the kernel stops a job at its memory; HTCondor holds it.
CGROUP_MEMORY_LIMIT_POLICY = hard
# Everywhere the startd holds a job that uses more than its slot has. It looks at what the node measures of
# this very job: not at what was measured before the job began.
STARTD_CRON_JOBLIST = $(STARTD_CRON_JOBLIST) ROOSTMEMORY
STARTD_CRON_ROOSTMEMORY_EXECUTABLE = /usr/bin/tail
STARTD_CRON_ROOSTMEMORY_ARGS = -n 0 -s 1 -f {MEMORY_FILE}
STARTD_CRON_ROOSTMEMORY_MODE = WaitForExit
STARTD_CRON_ROOSTMEMORY_PERIOD = 10s
ROOST_MEMORY_EXCEEDED = (RoostJobMemoryTime > JobStart + 2 && RoostJobMemory > Memory) =?= True
use POLICY : PREEMPT_IF(ROOST_MEMORY_EXCEEDED)
WANT_HOLD = $(ROOST_MEMORY_EXCEEDED)
WANT_HOLD_SUBCODE = 102
WANT_HOLD_REASON = ifThenElse($(ROOST_MEMORY_EXCEEDED), strcat("the job used ", string(RoostJobMemory), \\
    " MB of memory, and its slot has ", string(Memory), " MB: ask for more with request_memory"), UNDEFINED)
"""
