"""The node's health through time: when to look, what follows from it, and telling it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from roost.contract import HEALTH_INTERVAL_S, HealthState, Role
from roost.logline import Level
from roost.node.formerads import remove_slots
from roost.node.health.attempts import Attempts
from roost.node.health.daemons import Daemon
from roost.node.health.findings import Finding, Verdict, conclude, degraded
from roost.node.health.intervals import Intervals, read_intervals
from roost.node.health.judge import ESSENTIAL, duration, judge_daemons, judge_disk
from roost.node.health.machine import look_at_machine
from roost.node.health.report import (
    HEALTH_FILE,
    METRICS_FILE,
    Health,
    render_health,
    write_whole,
)
from roost.node.say import say
from roost.node.settings import NodeSettings

if TYPE_CHECKING:
    from roost.node.health.look import Seen
    from roost.node.health.telling import Teller

START_LIMIT_S = 180.0
"""A node that has not done its work by then does not start, it fails."""
RESTART_GRACE_S = 60.0
"""After condor_master has started a daemon again, what it cannot do yet is no failure of the node."""


@dataclass
class Pace:
    """When to look: often while something happens, and at leisure when all is well.

    ``share`` of a core is what looks may take in the long run: where the master's take long, since its
    pool is large, they come less often.
    """

    shortest_s: float = 1.0
    usual_s: float = HEALTH_INTERVAL_S
    longest_s: float = 60.0
    share: float = 0.001
    _pause_s: float = 1.0
    _next: float = 0.0

    def hurry(self) -> None:
        """Something happened: look now, and again soon."""
        self._pause_s, self._next = self.shortest_s, 0.0

    def is_time(self, now: float) -> bool:
        """Whether to look now."""
        return now >= self._next

    def looked(self, now: float, cost_s: float, *, well: bool) -> None:
        """A look is over, which took ``cost_s`` of CPU time."""
        affordable_s = max(self.usual_s, min(cost_s / self.share, self.longest_s))
        if well:
            self._pause_s = self.shortest_s
            self._next = now + affordable_s
        else:
            self._next = now + min(self._pause_s, affordable_s)
            self._pause_s *= 2


class Watches(Protocol):
    """What watches the daemons: :class:`roost.node.health.daemons.DaemonWatch`."""

    @property
    def daemons(self) -> Mapping[str, Daemon]: ...  # noqa: D102

    def look(self, now: float) -> bool: ...  # noqa: D102


class Looks(Protocol):
    """What looks at HTCondor: :class:`roost.node.health.look.Looker`."""

    def look(self, now: float, *, thorough: bool) -> Seen: ...  # noqa: D102


class KeepsTokens(Protocol):
    """What keeps tokens from running out: :func:`roost.node.tokens.start.keep_tokens`."""

    def step(self, now: float) -> None: ...  # noqa: D102

    def findings(self, now: float) -> Iterator[Finding]: ...  # noqa: D102


class Keeper:
    """Keeps the state file and the metrics of a node up to date."""

    def __init__(
        self,
        settings: NodeSettings,
        watch: Watches,
        now: float,
        *,
        looker: Looks | None = None,
        health_file: Path = HEALTH_FILE,
        metrics_file: Path = METRICS_FILE,
    ) -> None:
        self.settings = settings
        self.health = Health(Verdict(HealthState.STARTING, ("HTCondor starts",)), now)
        self._watch = watch
        self._began = now
        self._started = False
        self._pace = Pace()
        self._health_file = health_file
        self._metrics_file = metrics_file
        self._intervals = Intervals()
        self._machine = look_at_machine()
        self._seen: Seen | None = None
        self._looker = looker
        self._teller: Teller | None = None
        self._tokens: KeepsTokens | None = None
        self._writing = Attempts()

    def prepare(self) -> None:
        """Load what looking needs: HTCondor's bindings and Prometheus' client."""
        from roost.node.health.look import Looker
        from roost.node.health.telling import Teller
        from roost.node.tokens.start import keep_tokens

        self._intervals = read_intervals()
        self._looker = Looker(self.settings, self._intervals)
        self._teller = Teller(self.settings, self._intervals)
        self._tokens = keep_tokens(self.settings)

    def step(self, now: float, server_problem: str | None = None) -> None:
        """Glance at the daemons, and look at HTCondor if it is time or something happened."""
        if self._watch.look(now):
            self._pace.hurry()
        looks = self._pace.is_time(now)
        down = self._essential_is_down()
        began = time.process_time()
        if looks:
            self._look(now, down=down)
        if looks or down:
            changed = self._conclude(now, server_problem)
            self.publish(now)
            if looks or changed:
                self._publish_metrics(now)
        if looks:
            well = self.health.state is HealthState.HEALTHY
            self._pace.looked(now, time.process_time() - began, well=well)
        if self._tokens:
            self._tokens.step(now)

    def _essential_is_down(self) -> bool:
        found = (self._watch.daemons.get(name) for name in ESSENTIAL[self.settings.role])
        return any(daemon and not daemon.up for daemon in found)

    def _look(self, now: float, *, down: bool) -> None:
        self._machine = look_at_machine()
        if self._looker and not down:
            thorough = self.health.state is not HealthState.HEALTHY
            self._seen = self._looker.look(now, thorough=thorough)
            if self._seen.ghosts:
                remove_slots(self.settings, self._seen.ghosts)

    def _conclude(self, now: float, server_problem: str | None) -> bool:
        """Take all findings together; whether the node's state is another one now."""
        findings = list(self._findings(now, server_problem))
        failing = any(finding.state is HealthState.UNHEALTHY for finding in findings)
        self._started = self._started or not failing
        starting = not self._started and now - self._began < START_LIMIT_S
        before = self.health.state
        changed = self.health.become(conclude(findings, starting=starting), now)
        if changed:
            _say_change(before, self.health)
        return changed

    def _findings(self, now: float, server_problem: str | None) -> Iterator[Finding]:
        role = self.settings.role
        yield from judge_daemons(role, self._watch.daemons.values(), now, self._intervals)
        if self._seen and not self._essential_is_down():
            yield from soften(self._seen.findings, role, self._watch.daemons, now)
        if self._machine.disks:
            yield from judge_disk(role, min(disk.free_bytes for disk in self._machine.disks))
        if self._tokens:
            yield from self._tokens.findings(now)
        if server_problem:
            yield degraded(f"health and metrics are not served: {server_problem}")

    def publish(self, now: float) -> None:
        """Write the state file."""
        daemons = self._watch.daemons.values()
        text = render_health(self.settings, self.health, daemons, now)
        self._writing.take(str(self._health_file), partial(write_whole, self._health_file, text))

    def _publish_metrics(self, now: float) -> None:
        if self._teller:
            ads = self._seen.ads if self._seen else ()
            daemons = self._watch.daemons.values()
            text = self._teller.render(now, self.health.state, daemons, self._machine, ads)
            self._writing.take(
                str(self._metrics_file), partial(write_whole, self._metrics_file, text)
            )


def soften(
    findings: tuple[Finding, ...], role: Role, daemons: Mapping[str, Daemon], now: float
) -> Iterator[Finding]:
    """The findings of a node one of whose daemons was started again a moment ago."""
    fresh = next(
        (
            daemon
            for name in ESSENTIAL[role]
            if (daemon := daemons.get(name))
            and daemon.restarts
            and now - daemon.started < RESTART_GRACE_S
        ),
        None,
    )
    for finding in findings:
        if fresh is None or finding.state is not HealthState.UNHEALTHY:
            yield finding
            continue
        ago = duration(max(now - fresh.started, 0.0))
        words = f"the {fresh.name} was started again {ago} ago; {finding.reason}"
        yield finding._replace(state=HealthState.DEGRADED, reason=words)


def _say_change(before: HealthState, health: Health) -> None:
    reasons = "; ".join(health.verdict.reasons)
    level = Level.INFO if health.state is HealthState.HEALTHY else Level.WARNING
    say(f"health: {before} -> {health.state}" + (f": {reasons}" if reasons else ""), level=level)
