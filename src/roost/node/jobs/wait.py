"""``roost-node job-wait SECONDS ID…``: wait until jobs have left the queue, or are on hold."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any

from roost.node.configured import await_configuration
from roost.node.jobs.ads import find_in_history, find_in_queue, find_unknown, known_clusters
from roost.node.jobs.queue import patiently

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_WAITING = {1: "idle", 5: "held"}
"""JobStatus in words; whatever else is in the queue is running, or on its way in or out."""
_LEFT = (3, 4)
"""Removed and completed: a job stays in the queue for a moment after that."""


def wait(arguments: list[str]) -> int:
    """Print a line of counts whenever they change, and ``{"ended": [ad…]}`` when nothing is left to
    wait for. Ends without that after ``SECONDS``, since nobody tells it when the host has gone.

    Or prints ``{"unknown": [id…], "known": [cluster…]}``.
    """
    deadline, ids = time.monotonic() + float(arguments[0]), arguments[1:]
    await_configuration(deadline)
    queued = patiently(lambda: find_in_queue(ids))
    gone = patiently(lambda: find_in_history(ids))
    if unknown := find_unknown(ids, [*queued, *gone]):
        _tell({"unknown": unknown, "known": known_clusters()})
        return 0
    total = len({(ad["ClusterId"], ad["ProcId"]) for ad in [*queued, *gone]})
    told: dict[str, int] = {}
    pause_s = _FIRST_PAUSE_S
    while True:
        counts = _count(queued, total)
        if counts != told:
            _tell(counts)
            told, pause_s = counts, _FIRST_PAUSE_S
        if counts["held"] + counts["done"] == total:
            held = [ad for ad in queued if ad["JobStatus"] not in _LEFT]
            _tell({"ended": [*patiently(lambda: find_in_history(ids)), *held]})
            return 0
        if time.monotonic() > deadline:
            return 0
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.3, _LONGEST_PAUSE_S)
        queued = patiently(lambda: find_in_queue(ids))


def _count(queued: list[dict[str, Any]], total: int) -> dict[str, int]:
    there = [ad for ad in queued if ad["JobStatus"] not in _LEFT]
    states = Counter(_WAITING.get(ad["JobStatus"], "running") for ad in there)
    counts = {state: states[state] for state in ("idle", "running", "held")}
    return {**counts, "done": total - len(there), "total": total}


def _tell(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
