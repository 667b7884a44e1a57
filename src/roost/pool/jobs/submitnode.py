"""The submit node of a pool: where submissions live, and who answers for its jobs."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roost import contract
from roost.engines.protocol import Engine, ExecStream, File
from roost.errors import NotFoundError, RoostError
from roost.events import Reporter, note
from roost.plan.names import SUBMIT_NODE
from roost.pool.jobs.stream import FrameStream
from roost.pool.jobs.upload import owned
from roost.pool.jobs.words import in_short
from roost.pool.nodes import get_node, last_words


class SubmitNode:
    """Everything that job use cases ask of the engine. Raises NotFoundError for a pool or a submit
    node that is not there, or not running."""

    def __init__(self, engine: Engine, pool: str) -> None:
        self._engine = engine
        self.pool = pool
        self._name = get_node(engine, pool, SUBMIT_NODE).name

    def put(self, files: Iterable[File]) -> None:
        """Put files below the directory of all submissions."""
        self._engine.put_files(self._name, contract.JOBS_DIR, list(files))

    def ask(self, *command: str, root: bool = False) -> Any:
        """Run a command of roost-node, and return the JSON that it prints."""
        user = "root" if root else contract.JOB_OWNER
        done = self._engine.exec(self._name, [contract.NODE_PROGRAM, *command], user=user)
        if done.exit_code:
            said = last_words(done.stdout + done.stderr)
            raise RoostError(f"`roost-node {command[0]}` failed on the submit node: {said}")
        return json.loads(done.stdout) if done.stdout else None

    def clean(self, submission: str, report: Reporter) -> None:
        """Take a submission that failed out of the pool. Where that fails too, it is only told: what
        made it fail before is what the user has to know."""
        try:
            self.ask("job-clean", submission)
        except RoostError as error:
            note(report, f"submission {submission} may still be in the pool: {error.message}")

    def keep(
        self, run: str, cluster: int, outputs: Collection[str], cwd: Path, report: Reporter
    ) -> None:
        """Have the outputs of a run that did not arrive here be those of a submission from ``cwd``, to be
        fetched."""
        submission, files = new_submission(cwd)
        wanted = json.dumps(sorted(outputs)).encode("ascii")
        self.put([*files, owned(f"{submission}/{contract.SUBMISSION_OUTPUTS}", wanted)])
        if left_out := self.ask("job-keep", run, submission, str(cluster))["left_out"]:
            place = f"{contract.JOBS_DIR}/{run}"
            note(report, f"stays in the submit node, below {place}: {in_short(left_out)}")

    def start(self, *command: str) -> ExecStream:
        """Start a command of roost-node; the caller closes it."""
        argv = [contract.NODE_PROGRAM, *command]
        return self._engine.exec_stream(self._name, argv, user=contract.JOB_OWNER)

    def frames(self, *command: str) -> Iterator[dict[str, Any]]:
        """Run a command of roost-node, and yield the JSON objects that it prints."""
        stream = FrameStream(self.start(*command), f"`roost-node {command[0]}`")
        with closing(stream):
            yield from stream
            stream.finish()


def new_submission(cwd: Path) -> tuple[str, list[File]]:
    """A new id, unique among all who submit to a pool and sorted by time, and the files that every
    submission has."""
    submission = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    note = json.dumps({"cwd": str(cwd), "host": socket.gethostname()}).encode("ascii")
    return submission, [
        owned(submission, None, 0o700),
        owned(f"{submission}/{contract.SUBMISSION_NOTE}", note),
    ]


def raise_unknown(answer: dict[str, Any], pool: str) -> None:
    """Raise NotFoundError if the answer says that there are no such jobs."""
    if unknown := answer.get("unknown"):
        names = unknown if isinstance(unknown, str) else ", ".join(unknown)
        known = ", ".join(answer["known"])
        raise NotFoundError(
            f"pool {pool} has no job {names}",
            hint=f"it has {known}" if known else "it has none",
        )
