"""For every cause the facts that show it, and the node or job that it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from roost.contract import Role
from roost.engines.protocol import ContainerState
from roost.nodefacts import Config, Limit, LimitKind, Reach, Road, TokenState, User
from roost.pool.doctor import Cause
from roost.pool.doctor.facts import Facts
from tests.unit.doctor.pools import (
    DISK,
    GB,
    MEMORY,
    NOW,
    ad,
    disconnected,
    held,
    token,
    waiting,
    with_ads,
    with_container,
    with_daemon,
    with_node,
    with_queue,
)

Change = Callable[[Facts], Facts]
EX = "execute-1"


def _engine_free(size: int) -> Change:
    return lambda facts: replace(facts, engine=replace(facts.engine, free_bytes=size))


def _node(name: str, **changes: Any) -> Change:
    return lambda facts: with_node(facts, name, **changes)


def _container(state: ContainerState, *log: str, **changes: Any) -> Change:
    return lambda facts: with_container(facts, EX, *log, state=state, **changes)


def _token(**changes: Any) -> Change:
    return _node(EX, token=token(Role.EXECUTE, **changes))


def _road(reach: Reach, **changes: str) -> Change:
    return _node(EX, road=Road("lab-master:9618", reach, **changes))


def _limit(kind: LimitKind) -> Change:
    return _node(EX, limits=(Limit(kind, "the node", 95, 100),))


def _daemon(node: str, name: str, **changes: Any) -> Change:
    return lambda facts: with_daemon(facts, node, name, **changes)


def _queue(**changes: Any) -> Change:
    return lambda facts: with_queue(facts, **changes)


def _idle(**changes: Any) -> Change:
    return lambda facts: with_queue(facts, idle=1, idle_jobs=(waiting(**changes),))


def _collector(**changes: Any) -> Change:
    return lambda facts: with_ads(facts, **changes)


def _no_executors(facts: Facts) -> Facts:
    return replace(with_ads(facts, without="execute"), nodes=facts.nodes[:2])


def _starting(facts: Facts) -> Facts:
    return with_ads(with_node(facts, EX, uptime_s=3.0), without=EX)


def _stranger(facts: Facts) -> Facts:
    return with_ads(facts, ad("execute-9", Role.EXECUTE))


def _newer(facts: Facts) -> Facts:
    return with_ads(facts, ad(EX, Role.EXECUTE, version="25.14.1"), without=EX)


def _twice(facts: Facts) -> Facts:
    return with_ads(facts, ad(EX, Role.EXECUTE, address="<172.20.0.9:9618"))


def _others(facts: Facts) -> Facts:
    users = (User("bob@lab.pool", 5.0, 2), User("ann@lab.pool", 500.0, 0))
    return with_queue(facts, idle=1, idle_jobs=(waiting(free=0),), users=users)


SCENARIOS: dict[Cause, tuple[Change, str | None]] = {
    Cause.ENGINE_DISK_FULL: (_engine_free(GB // 8), None),
    Cause.ENGINE_DISK_LOW: (_engine_free(GB), None),
    Cause.ROLE_MISSING: (_no_executors, None),
    Cause.CONTAINER_STOPPED: (_container(ContainerState.EXITED, "bye", exit_code=0), EX),
    Cause.CONTAINER_RESTARTING: (_container(ContainerState.RESTARTING, "ouch", exit_code=1), EX),
    Cause.CONTAINER_PAUSED: (_container(ContainerState.PAUSED), EX),
    Cause.NODE_SILENT: (_node(EX, facts=None, error="no answer within 15 s"), EX),
    Cause.NODE_OUTDATED: (_node(EX, facts=None, outdated=True), EX),
    Cause.CONFIG_BROKEN: (_node(EX, config=Config("line 3: no such template")), EX),
    Cause.CLOCK_SKEW: (_node(EX, clock=NOW + 7200), EX),
    Cause.DISK_FULL: (_node(EX, disks=(replace(DISK, device=8, free_bytes=0),)), EX),
    Cause.DISK_LOW: (_node(EX, disks=(replace(DISK, device=8, free_inodes=200_000),)), EX),
    Cause.FILES_LIMIT: (_limit(LimitKind.FILES), EX),
    Cause.PROCESSES_LIMIT: (_limit(LimitKind.PROCESSES), EX),
    Cause.INOTIFY_LIMIT: (_limit(LimitKind.INOTIFY), EX),
    Cause.NAME_UNRESOLVED: (_road(Reach.UNRESOLVED, detail="unknown name"), EX),
    Cause.NO_ROUTE: (_road(Reach.NO_ROUTE, detail="no route to host"), EX),
    Cause.PORT_BLOCKED: (_road(Reach.SILENT, detail="nothing comes back"), EX),
    Cause.TOKEN_MISSING: (_token(state=TokenState.MISSING, detail="gone"), EX),
    Cause.TOKEN_UNREADABLE: (_token(state=TokenState.UNREADABLE, detail="cut"), EX),
    Cause.TOKEN_EXPIRED: (_token(expires=NOW - 90), EX),
    Cause.TOKEN_OTHER_POOL: (_token(issuer="other.pool"), EX),
    Cause.TOKEN_UNKNOWN_KEY: (_token(key="key-2"), EX),
    Cause.TOKEN_TOO_NARROW: (_token(allows=("READ",)), EX),
    Cause.TOKEN_EXPIRES_SOON: (_token(expires=NOW + 3600), EX),
    Cause.MASTER_REFUSES: (_road(Reach.CONNECTED, refusal="READ failed!"), EX),
    Cause.DAEMON_RESTARTING: (
        _daemon(EX, "STARTD", alive=False, exits=3, last_exit="exited with status 4"),
        EX,
    ),
    Cause.DAEMON_DOWN: (_daemon("submit", "SCHEDD", alive=False), "submit"),
    Cause.COLLECTOR_SILENT: (_collector(error="no answer within 5 s"), "master"),
    Cause.SCHEDD_SILENT: (_queue(error="timed out"), "submit"),
    Cause.NEGOTIATOR_STUCK: (_collector(cycle_s=900.0), "master"),
    Cause.NODE_UNKNOWN: (_collector(without=EX), EX),
    Cause.NODE_STARTING: (_starting, EX),
    Cause.NODE_UNWELL: (_node(EX, health="degraded", health_reasons=("it is hot",)), EX),
    Cause.STARTS_NOTHING: (
        lambda facts: with_ads(facts, ad(EX, Role.EXECUTE, starts=False), without=EX),
        EX,
    ),
    Cause.DRAINING: (
        lambda facts: with_ads(facts, ad(EX, Role.EXECUTE, state="Drained"), without=EX),
        EX,
    ),
    Cause.DUPLICATE_AD: (_twice, EX),
    Cause.FOREIGN_AD: (_stranger, "execute-9"),
    Cause.VERSIONS_DIFFER: (_newer, EX),
    Cause.KNOB_UNKNOWN: (_node(EX, config=Config(unknown=(("STRT", "START"),))), EX),
    Cause.KNOB_SENSITIVE: (_node(EX, config=Config(own=("ALLOW_READ",))), EX),
    Cause.JOB_HELD: (_queue(held_jobs=(held(),)), "3.0"),
    Cause.JOB_DISCONNECTED: (_queue(disconnected_jobs=(disconnected(),)), "4.0"),
    Cause.NO_SLOT_MATCHES: (_idle(accepts=0, fits=0, free=0, clauses=(MEMORY,)), "4.0"),
    Cause.SLOTS_REFUSE: (_idle(fits=0, free=0), "4.0"),
    Cause.TOO_MANY_RUNNING: (_queue(idle=1, running=9, most_running=9), "submit"),
    Cause.CONCURRENCY_LIMIT: (_idle(rejection="concurrency limit x reached"), "4.0"),
    Cause.GROUP_QUOTA: (_idle(rejection="submitter limit exceeded", group="g"), "4.0"),
    Cause.USER_PRIORITY: (_others, "4.0"),
    Cause.SLOTS_BUSY: (_idle(free=0), "4.0"),
    Cause.JOB_WAITS: (_idle(), "4.0"),
}
"""Those that are found before there are facts are missing: no engine, no pool."""
