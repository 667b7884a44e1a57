"""What of the logs is asked for. Filters combine: a line is shown that passes all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Container
from roost.errors import NotFoundError, UsageError
from roost.logline import DAEMONS, Level, LogRecord

_JOB_ID = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
"""``12`` is a submission (HTCondor calls it a cluster), ``12.3`` one job of it."""

_LAST_SECOND = 253402300799.0
"""Of the year 9999."""

_SEVERITY = {level: number for number, level in enumerate(Level)}


@dataclass(frozen=True)
class LogQuery:
    """Empty and None: everything. ``since`` and ``until`` are in seconds of the epoch, by the clock of
    the records; ``level`` is the least severe one that is shown."""

    nodes: tuple[str, ...] = ()
    roles: frozenset[Role] = frozenset()
    daemons: frozenset[str] = frozenset()
    level: Level | None = None
    job: str | None = None
    since: float | None = None
    until: float | None = None

    @cached_property
    def _bounds(self) -> tuple[str, str]:
        """First and last time as records write them, which sort as text: below all, and above."""
        first = "" if self.since is None else rfc3339(self.since)
        return first, "~" if self.until is None else rfc3339(self.until)

    def admits(self, record: LogRecord) -> bool:
        """Whether the record passes the filters that are not about its node."""
        first, last = self._bounds
        return (
            first <= record.time <= last
            and (not self.daemons or record.daemon.upper() in self.daemons)
            and (self.level is None or _SEVERITY[record.level] <= _SEVERITY[self.level])
            and (self.job is None or self.is_of_job(record))
        )

    def is_of_job(self, record: LogRecord) -> bool:
        """Whether it is about the job; a line about a whole submission is about each job of it."""
        if record.job is None or self.job is None:
            return False
        return (
            record.job == self.job
            or record.job.startswith(f"{self.job}.")
            or self.job.startswith(f"{record.job}.")
        )

    def wants(self, container: Container) -> bool:
        """Whether the container is of a node that is asked for."""
        names = {node_of(container), container.name}
        role = container.labels.get(contract.LABEL_ROLE)
        return (not self.nodes or not names.isdisjoint(self.nodes)) and (
            not self.roles or role in self.roles
        )

    def missing(self, containers: Iterable[Container]) -> str | None:
        """A node that is asked for and is not among the containers."""
        known = {name for one in containers for name in (node_of(one), one.name)}
        return next((node for node in self.nodes if node not in known), None)

    def choose(self, pool: str, containers: Iterable[Container]) -> list[Container]:
        """The containers that are asked for. Raises NotFoundError that names what there is."""
        there = list(containers)
        names = ", ".join(node_of(container) for container in there)
        if (missing := self.missing(there)) is not None:
            raise NotFoundError(f"pool {pool} has no node {missing!r}", hint=f"it has {names}")
        chosen = [container for container in there if self.wants(container)]
        if not chosen:
            roles = ", ".join(sorted(self.roles))
            which = f" among {', '.join(self.nodes)}" if self.nodes else ""
            raise NotFoundError(
                f"pool {pool} has no node of role {roles}{which}", hint=f"it has {names}"
            )
        return chosen


def make_query(
    *,
    nodes: Iterable[str] = (),
    roles: Iterable[Role | str] = (),
    daemons: Iterable[str] = (),
    level: Level | str | None = None,
    job: str | int | None = None,
    since: float | None = None,
    until: float | None = None,
) -> LogQuery:
    """The query of what a user wrote. Raises UsageError that names what there is to choose from."""
    if since is not None and until is not None and since > until:
        raise UsageError(
            f"nothing is between {rfc3339(since)} and {rfc3339(until)}",
            hint="the time since when has to be before the time until when",
        )
    if job is not None and not _JOB_ID.fullmatch(str(job)):
        raise UsageError(f"{str(job)!r} is no job", hint="12 is a submission, 12.3 one job of it")
    return LogQuery(
        nodes=tuple(nodes),
        roles=frozenset(Role(_choice("role", role, Role)) for role in roles),
        daemons=frozenset(_choice("daemon", one, DAEMONS).upper() for one in daemons),
        level=None if level is None else Level(_choice("level", level, Level)),
        job=None if job is None else str(job),
        since=since,
        until=until,
    )


def node_of(container: Container) -> str:
    """The name in the pool of a container's node."""
    return container.labels.get(contract.LABEL_NODE, container.name)


def rfc3339(moment: float) -> str:
    """A time of the epoch as records write it."""
    known = datetime.fromtimestamp(min(max(moment, 0.0), _LAST_SECOND), UTC)
    return f"{known:%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z"


def _choice(what: str, given: str, choices: Iterable[str]) -> str:
    """The choice as it is spelled, however it was typed."""
    spelled = {str(choice).upper(): str(choice) for choice in choices}
    if given.upper() not in spelled:
        there = ", ".join(spelled.values())
        raise UsageError(f"there is no {what} {given!r}", hint=f"one of {there}")
    return spelled[given.upper()]
