"""The recipe of ``logs``: choose the nodes, tell what there was, go on with what comes."""

from __future__ import annotations

from collections.abc import Iterator

from roost.commandline import command_line
from roost.engines.protocol import Container, Engine
from roost.errors import NotFoundError, UsageError
from roost.logline import LogRecord
from roost.pool.logs.follow import follow_logs
from roost.pool.logs.past import Past, last_records
from roost.pool.logs.query import LogQuery
from roost.pool.nodes import get_pool, no_node


def read_logs(
    engine: Engine,
    pool: str,
    query: LogQuery,
    *,
    follow: bool = False,
    tail: int | None = None,
) -> Iterator[LogRecord]:
    """The records of a pool that ``query`` asks for, oldest first; with ``follow`` then those to come, as
    they come, until the pool is gone. ``tail`` is the number of last records that are told of the past.

    Raises NotFoundError for a pool or node that is not there and, at the end, for a job that no line is
    about; UsageError for what cannot be followed; EngineError for a log that cannot be read.
    """
    if follow and query.until is not None:
        raise UsageError(
            "what comes cannot be followed up to a time", hint="leave out --follow or --until"
        )
    there = get_pool(engine, pool)
    if (missing := query.missing(there)) is not None:
        raise no_node(engine, pool, missing, there)
    containers = query.choose(pool, there)
    return _read(engine, pool, containers, query, follow=follow, tail=tail)


def _read(
    engine: Engine,
    pool: str,
    containers: list[Container],
    query: LogQuery,
    *,
    follow: bool,
    tail: int | None,
) -> Iterator[LogRecord]:
    if tail is None:
        past = Past(engine, containers, query)
        yield from past.merged()
    else:
        past, found = last_records(engine, containers, query, tail)
        yield from found
    if follow:
        yield from follow_logs(engine, pool, query, past)
    elif query.job is not None and not past.saw_job:
        raise NotFoundError(
            f"no line of the logs of pool {pool} is about job {query.job}",
            hint="they may have gone from the logs by now, or there never was such a job:"
            f" `{command_line('jobs --all', pool)}` lists those that HTCondor remembers",
        )
