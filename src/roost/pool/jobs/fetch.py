"""``fetch``: what the jobs of a submission made, back to where it was submitted from."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roost.commandline import command_line
from roost.condor.jobs import check_job_id
from roost.engines.protocol import Engine
from roost.errors import UsageError
from roost.events import Reporter, note, silent, step
from roost.pool.jobs.stream import FrameStream
from roost.pool.jobs.submitnode import SubmitNode, raise_unknown
from roost.pool.jobs.unpack import unpack


@dataclass(frozen=True)
class FetchResult:
    """Files that were written, and the directory they are below."""

    directory: Path
    files: tuple[Path, ...]


def fetch(
    engine: Engine, pool: str, job: str, *, to: Path | None = None, report: Reporter = silent
) -> FetchResult:
    """Bring back everything new or changed since the submission that a job belongs to.

    It goes to the directory of the submission, or to ``to``, which is made if need be. May be
    repeated, also while jobs still run. What something is in the way of is left out, and told; then
    ``rm`` takes the results for not fetched. Raises NotFoundError for what is no submission, and
    UsageError when the directory is not here.
    """
    cluster = check_job_id(job).partition(".")[0]
    node = SubmitNode(engine, pool)
    with closing(FrameStream(node.start("job-fetch", cluster), "fetching")) as frames:
        head: dict[str, Any] = {}
        for head in frames:
            raise_unknown(head, pool)
        archive = frames.archive
        directory = _destination(pool, cluster, head, to)
        left_out: list[str] = []
        with step(report, "fetch", f"results of {cluster}") as tell:
            names = unpack(
                archive,
                directory,
                left_out.append,
                wrote=lambda number: tell(f"results of {cluster}, {number} so far"),
            )
            tell(f"results of {cluster}")
        frames.finish()
    for text in left_out:
        note(report, f"left out: {text}")
    if not left_out:
        node.ask("job-fetched", head["submission"], head["offer"])
    files = (directory / name for name in names)
    return FetchResult(directory, tuple(path for path in files if not path.is_dir()))


def _destination(pool: str, cluster: str, head: dict[str, Any], to: Path | None) -> Path:
    """Where to put it; made if it was named."""
    if to is not None:
        try:
            to.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot write to {to}: {error.strerror}") from error
        return to.absolute()
    directory = Path(head["cwd"])
    if head["host"] != socket.gethostname() or not directory.is_dir():
        raise UsageError(
            f"{cluster} was submitted from {directory} on {head['host']}, which is not here",
            hint="say where its files should go: "
            + command_line(f"fetch {cluster} --to DIRECTORY", pool),
        )
    return directory
