"""``roost-node job-list HISTORY``: the queue, and the latest ``HISTORY`` jobs that have left it."""

from __future__ import annotations

import json
import sys

from roost.node.jobs.ads import PROJECTION
from roost.node.jobs.queue import history, query


def listing(arguments: list[str]) -> int:
    """Print ``{"queue": [ad…], "history": [ad…]}``."""
    most = int(arguments[0])
    found = {
        "queue": query("true", PROJECTION),
        "history": history("true", PROJECTION, most) if most else [],
    }
    json.dump(found, sys.stdout)
    return 0
