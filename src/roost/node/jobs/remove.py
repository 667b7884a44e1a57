"""``roost-node job-clean SUBMISSION…``: take it from the queue, and remove its directory."""

from __future__ import annotations

import shutil

from roost.node.jobs.place import submission_dir
from roost.node.jobs.queue import query, remove_cluster


def clean(arguments: list[str]) -> int:
    """Idempotent."""
    for submission in arguments:
        directory = submission_dir(submission)
        log = str(directory / "log")
        for cluster in {ad["ClusterId"] for ad in query(f'UserLog == "{log}"', ["ClusterId"])}:
            remove_cluster(cluster)
        shutil.rmtree(directory, ignore_errors=True)
    return 0
