"""What a node needs of its host: the time, disk space, and room below its limits."""

from __future__ import annotations

from collections.abc import Iterator

from roost.nodefacts import Disk, LimitKind
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.checks.engine import FULL_BYTES, LOW_BYTES
from roost.pool.doctor.facts import Facts
from roost.pool.doctor.finding import Finding
from roost.pool.doctor.words import duration, size

SKEW_S = 15.0
"""More than a busy host makes of a late answer, and less than HTCondor minds."""
FULL_SHARE, LOW_SHARE = 0.01, 0.05
NEARLY = 0.9

_LIMIT_CAUSES = {
    LimitKind.FILES: Cause.FILES_LIMIT,
    LimitKind.PROCESSES: Cause.PROCESSES_LIMIT,
    LimitKind.INOTIFY: Cause.INOTIFY_LIMIT,
}


def check_clocks(facts: Facts) -> Iterator[Finding]:
    """Every node's clock is this host's, by as much as asking took."""
    for node, told in facts.answering:
        skew_s = told.clock - min(max(told.clock, node.asked), node.answered)
        if abs(skew_s) > SKEW_S:
            yield Finding(
                Cause.CLOCK_SKEW,
                seen=f"it is {duration(skew_s)} {'ahead of' if skew_s > 0 else 'behind'} this host",
                mend="set the clock of its host (NTP); if only the container's is wrong, something in"
                " it pretends another time: see /etc/ld.so.preload there",
                nodes=(node.name,),
            )


def check_disks(facts: Facts) -> Iterator[Finding]:
    """Space and inodes where nodes write, each file system once."""
    found: dict[int, tuple[Cause, str, list[str]]] = {}
    for node, told in facts.answering:
        for disk in told.disks:
            cause = _cause(disk)
            if cause is None or _is_the_engines(disk, facts):
                continue
            inodes = f", {disk.free_inodes} inodes" if disk.total_inodes else ""
            seen = (
                f"{size(disk.free_bytes)} of {size(disk.total_bytes)}{inodes} free at {disk.path}"
            )
            where = found.setdefault(disk.device, (cause, seen, []))[2]
            if node.name not in where:
                where.append(node.name)
    for cause, seen, where in found.values():
        mend = "remove what is not needed there, or give it more space"
        yield Finding(cause, seen=seen, mend=mend, nodes=tuple(where))


def _cause(disk: Disk) -> Cause | None:
    """A share of a small disk, and so much of a big one."""
    for cause, share, most in (
        (Cause.DISK_FULL, FULL_SHARE, FULL_BYTES),
        (Cause.DISK_LOW, LOW_SHARE, LOW_BYTES),
    ):
        few_inodes = disk.total_inodes and disk.free_inodes < share * disk.total_inodes
        if few_inodes or disk.free_bytes < min(share * disk.total_bytes, most):
            return cause
    return None


def _is_the_engines(disk: Disk, facts: Facts) -> bool:
    """Told once, of the engine: volumes are on its disk as a rule."""
    free = facts.engine.free_bytes
    return free is not None and free < LOW_BYTES and abs(free - disk.free_bytes) < LOW_BYTES / 32


def check_limits(facts: Facts) -> Iterator[Finding]:
    """Nothing is nearly used up."""
    for node, told in facts.answering:
        for limit in told.limits:
            if limit.used >= NEARLY * limit.most:
                cause = _LIMIT_CAUSES[limit.kind]
                yield Finding(
                    cause,
                    seen=f"{limit.who} has {limit.used} of {limit.most} {limit.kind}",
                    mend=_mend(facts, cause, node.container.name),
                    nodes=(node.name,),
                )


def _mend(facts: Facts, cause: Cause, container: str) -> str:
    mend = cause.about.mend.removesuffix(".")
    return mend.replace("docker top CONTAINER", f"{facts.engine.name} top {container}")
