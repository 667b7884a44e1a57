"""Where a submission lives on the submit node, and which jobs are its own."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from roost import contract
from roost.node.say import NodeError

CLUSTERS_SUFFIX = ".clusters"
_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,63}")


@dataclass(frozen=True)
class Place:
    """The directory of one submission."""

    submission: str

    @property
    def directory(self) -> Path:
        """All of it."""
        return Path(contract.JOBS_DIR) / self.submission

    @property
    def root(self) -> Path:
        """The mirror of the host's file system."""
        return self.directory / contract.SUBMISSION_ROOT

    @property
    def note(self) -> Path:
        """Where it came from. Without it the submission is taken back."""
        return self.directory / contract.SUBMISSION_NOTE

    @property
    def cwd(self) -> str:
        """The directory on the host that it was submitted from."""
        return str(json.loads(self.note.read_text(encoding="ascii"))["cwd"])

    @property
    def mirror(self) -> Path:
        """The mirror of that directory."""
        return self.root / self.cwd.lstrip("/")

    @property
    def clusters(self) -> Path:
        """The clusters of a submission that can be fetched from, one a line. Beside its directory: executors
        may write into that of a run, and would answer for the jobs of others."""
        return Path(contract.JOBS_DIR) / f"{self.submission}{CLUSTERS_SUFFIX}"

    def forget(self) -> None:
        """Remove all of it; what cannot be is left."""
        shutil.rmtree(self.directory, ignore_errors=True)
        self.clusters.unlink(missing_ok=True)

    @property
    def constraint(self) -> str:
        """What finds its jobs in the queue and in the history."""
        return f'{contract.AD_SUBMISSION} == "{self.submission}"'


def get_place(submission: str) -> Place:
    """The place of a submission, which may not be there. Raises NodeError for what is no id."""
    if not _ID.fullmatch(submission):
        raise NodeError(f"{submission!r} is no submission")
    return Place(submission)
