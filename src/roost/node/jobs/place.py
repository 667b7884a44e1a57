"""Where a submission lives on the submit node."""

from __future__ import annotations

import re
from pathlib import Path

from roost import contract
from roost.node.say import NodeError

_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,63}")


def submission_dir(submission: str) -> Path:
    """The directory of a submission, which may not be there. Raises NodeError for what is no id."""
    if not _ID.fullmatch(submission):
        raise NodeError(f"{submission!r} is no submission")
    return Path(contract.JOBS_DIR) / submission
