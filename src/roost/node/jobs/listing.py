"""``roost-node job-list HISTORY``: the queue, and the latest ``HISTORY`` jobs that have left it; -1: all."""

from __future__ import annotations

import json
import sys

from roost.node.jobs.ads import PROJECTION
from roost.node.jobs.queue import history, query


def listing(arguments: list[str]) -> int:
    """Print ``{"queue": [ad…], "history": [ad…]}``, the history an ad at a time.

    The queue is asked first: a job that leaves it meanwhile is in both, and never in neither.
    """
    most = int(arguments[0])
    queue = query("true", PROJECTION)
    gone = history("true", PROJECTION, most) if most else ()
    sys.stdout.write(f'{{"queue": {json.dumps(queue)}, "history": [')
    for number, ad in enumerate(gone):
        sys.stdout.write((", " if number else "") + json.dumps(ad))
    sys.stdout.write("]}")
    return 0
