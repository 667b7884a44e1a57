"""All that the health process knows, as the text of ``/metrics``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from roost.contract import HealthState, Role, node_of_machine
from roost.node.health.daemons import Daemon
from roost.node.health.intervals import Intervals
from roost.node.health.judge import Ad
from roost.node.health.machine import Machine
from roost.node.health.metrics.catalog import HEALTH_CHECKED, Sample
from roost.node.health.metrics.node import (
    health_samples,
    log_samples,
    machine_samples,
    node_samples,
    process_samples,
    view_samples,
)
from roost.node.health.metrics.pool import own_ad_samples, pool_samples
from roost.node.health.metrics.render import Renderer
from roost.node.health.pool import NodeView, view_nodes
from roost.node.logs.state import STATE_FILE, load_state
from roost.node.settings import NodeSettings


class Teller:
    """Makes the text, and counts the restarts of daemons of other nodes, which ads do not tell."""

    def __init__(self, settings: NodeSettings, intervals: Intervals) -> None:
        self._settings = settings
        self._intervals = intervals
        self._renderer = Renderer()
        self._restarts = Restarts()

    def render(
        self,
        now: float,
        state: HealthState,
        daemons: Collection[Daemon],
        machine: Machine,
        ads: Sequence[Ad],
    ) -> str:
        """What the node knows of itself first: where ads say something else, they are older."""
        return self._renderer.render(self._samples(now, state, daemons, machine, ads))

    def _samples(
        self,
        now: float,
        state: HealthState,
        daemons: Collection[Daemon],
        machine: Machine,
        ads: Sequence[Ad],
    ) -> Iterator[Sample]:
        node = self._settings.node
        yield from health_samples(node, state)
        yield Sample(HEALTH_CHECKED, (node,), now)
        yield from process_samples(node, daemons)
        yield from machine_samples(node, machine)
        yield from log_samples(node, read_log_counts())
        versions = versions_of(ads)
        if self._settings.role is Role.MASTER:
            views = view_nodes(ads, now, self._intervals)
            yield from view_samples(self._restarts.counted(views.values()), versions)
            yield from pool_samples(ads)
        else:
            yield from node_samples(node, self._settings.role, versions.get(node, ""))
            yield from own_ad_samples(ads)


class Restarts:
    """Counts how often a daemon's start time changed, for as long as its node is known."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def counted(self, views: Collection[NodeView]) -> list[NodeView]:
        """The views with the restarts of each daemon so far."""
        known = {(view.node, daemon.name): daemon for view in views for daemon in view.daemons}
        self._seen = {key: self._count(key, daemon) for key, daemon in known.items()}
        return [
            view._replace(
                daemons=tuple(
                    daemon._replace(restarts=self._seen[view.node, daemon.name][1])
                    for daemon in view.daemons
                ),
            )
            for view in views
        ]

    def _count(self, key: tuple[str, str], daemon: Daemon) -> tuple[float, int]:
        started, restarts = self._seen.get(key, (daemon.started, 0))
        if not daemon.up or daemon.started == started:
            return started, restarts
        return daemon.started, restarts + (1 if started else 0)


def versions_of(ads: Sequence[Ad]) -> dict[str, str]:
    """HTCondor's version on each node."""
    versions = {}
    for ad in ads:
        words = str(ad.get("CondorVersion", "")).split()
        if len(words) > 1:
            versions[node_of_machine(str(ad.get("Machine")))] = words[1]
    return versions


def read_log_counts(path: Path = Path(STATE_FILE)) -> Any:
    """``{daemon: {level: lines}}``, by the log forwarder's own state; None where it has none."""
    try:
        return load_state(path).get("lines")
    except (OSError, ValueError):
        return None
