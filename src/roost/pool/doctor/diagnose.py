"""``doctor``: look at everything once, let every check judge, and tell the worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from roost.commandline import command_line
from roost.engines.protocol import Container, Engine, EngineInfo
from roost.errors import EngineError, NotFoundError
from roost.events import Reporter, step
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.checks import CHECKS
from roost.pool.doctor.consequences import without_consequences
from roost.pool.doctor.facts import Facts
from roost.pool.doctor.finding import Diagnosis, Finding, worst_first
from roost.pool.doctor.gather import ENGINE_TIMEOUT_S, gather, within
from roost.pool.nodes import get_pool


def diagnose(open_engine: Callable[[], Engine], pool: str, report: Reporter) -> Diagnosis:
    """Why nothing runs. A broken pool is a diagnosis, never an error; what is raised is
    :class:`roost.errors.UsageError` for an engine that does not exist."""
    with step(report, "look", f"at pool {pool}") as tell:
        try:
            engine, info, containers = within(ENGINE_TIMEOUT_S, lambda: _open(open_engine, pool))
        except (EngineError, NotFoundError) as error:
            return _nothing_to_look_at(pool, error)
        tell(f"at {len(containers)} containers")
        facts = gather(engine, info, pool, containers)
    return conclude(facts)


def _open(
    open_engine: Callable[[], Engine], pool: str
) -> tuple[Engine, EngineInfo, list[Container]]:
    engine = open_engine()
    return engine, engine.info(), get_pool(engine, pool)


def _nothing_to_look_at(pool: str, error: EngineError | NotFoundError) -> Diagnosis:
    cause, mend = Cause.ENGINE_UNREACHABLE, error.hint
    if isinstance(error, NotFoundError):
        up = command_line("up", pool)
        cause, mend = Cause.NO_POOL, f"name another one ({error.hint}), or `{up}`"
    finding = Finding(cause, seen=error.message, mend=mend or cause.about.mend)
    return Diagnosis(pool, None, (), {}, (finding,))


def conclude(facts: Facts) -> Diagnosis:
    """What all checks make of the facts. Pure."""
    queue = facts.queue
    counts = {"idle": queue.idle, "running": queue.running, "held": queue.held} if queue else {}
    return Diagnosis(
        pool=facts.pool,
        engine=facts.engine.name,
        nodes=tuple(node.name for node in facts.nodes),
        jobs=counts,
        findings=worst_first(without_consequences(_all(facts))),
    )


def _all(facts: Facts) -> Iterable[Finding]:
    for check in CHECKS:
        yield from check(facts)
