"""``rm``: jobs out of the queue, and submissions out of the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roost.commandline import command_line
from roost.condor.jobs import check_job_id
from roost.engines.protocol import Engine
from roost.errors import UsageError
from roost.events import Reporter, silent, step
from roost.pool.jobs.submitnode import SubmitNode, raise_unknown


@dataclass(frozen=True)
class RemoveResult:
    """Jobs that were in the queue, and results that stay because they were never fetched: paths by
    cluster."""

    removed: tuple[str, ...]
    kept: Mapping[str, tuple[str, ...]]


def remove_jobs(
    engine: Engine,
    pool: str,
    ids: Sequence[str],
    *,
    purge: bool = False,
    report: Reporter = silent,
) -> RemoveResult:
    """Remove jobs. A submission whose last job this was goes too, with its files on the submit
    node, unless it has results that were not fetched; with ``purge`` those are lost.

    Raises NotFoundError, before anything is removed, that names the jobs there are.
    """
    if not ids:
        raise UsageError(
            "there is no job to remove", hint=f"name them: {command_line('rm 12 13.4', pool)}"
        )
    checked = [check_job_id(one) for one in ids]
    node = SubmitNode(engine, pool)
    with step(report, "remove", " ".join(checked)):  # until their processes have ended
        answer = node.ask("job-remove", "purge" if purge else "keep", *checked)
    raise_unknown(answer, pool)
    kept = {cluster: tuple(paths) for cluster, paths in answer["kept"].items()}
    return RemoveResult(tuple(answer["removed"]), kept)
