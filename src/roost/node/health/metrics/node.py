"""What the node knows of itself, as samples. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roost.contract import HealthState, Role
from roost.node.health.daemons import Daemon
from roost.node.health.machine import Machine
from roost.node.health.metrics import catalog
from roost.node.health.metrics.catalog import Sample
from roost.node.health.pool import NodeView


def health_samples(node: str, state: HealthState) -> Iterator[Sample]:
    """The states of a node: one of them is 1."""
    for one in HealthState:
        yield Sample(catalog.HEALTH, (node, one.value), one is state)


def process_samples(node: str, daemons: Iterable[Daemon]) -> Iterator[Sample]:
    """Which daemons run, since when, and how often they were started again."""
    for daemon in daemons:
        labels = (node, daemon.name)
        yield Sample(catalog.DAEMON_UP, labels, daemon.up)
        yield Sample(catalog.DAEMON_RESTARTS, labels, daemon.restarts)
        if daemon.up:
            yield Sample(catalog.DAEMON_START, labels, daemon.started)


def machine_samples(node: str, machine: Machine) -> Iterator[Sample]:
    """Disk, memory and CPU time."""
    for disk in machine.disks:
        yield Sample(catalog.DISK_SIZE, (node, disk.path), disk.size_bytes)
        yield Sample(catalog.DISK_FREE, (node, disk.path), disk.free_bytes)
    for metric, value in (
        (catalog.MEMORY_USED, machine.memory_used_bytes),
        (catalog.MEMORY_LIMIT, machine.memory_limit_bytes),
        (catalog.CPU_SECONDS, machine.cpu_s),
    ):
        if value is not None:
            yield Sample(metric, (node,), value)


def log_samples(node: str, counts: Any) -> Iterator[Sample]:
    """``{daemon: {level: lines}}`` of the log forwarder; nothing where it is anything else."""
    if not isinstance(counts, Mapping):
        return
    for daemon, levels in counts.items():
        for level, lines in levels.items() if isinstance(levels, Mapping) else ():
            if isinstance(lines, int):
                yield Sample(catalog.LOG_LINES, (node, str(daemon), str(level)), lines)


def node_samples(node: str, role: Role, version: str) -> Iterator[Sample]:
    """What the node is."""
    yield Sample(catalog.NODE_INFO, (node, role.value, version), 1)


def view_samples(views: Iterable[NodeView], versions: Mapping[str, str]) -> Iterator[Sample]:
    """What the master knows of every node."""
    for view in views:
        yield from node_samples(view.node, view.role, versions.get(view.node, ""))
        yield from health_samples(view.node, view.verdict.state)
        yield from process_samples(view.node, view.daemons)
