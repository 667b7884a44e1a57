"""Removing jobs from the queue, and submissions whose jobs are gone."""

from __future__ import annotations

import json
import sys

from roost.node.jobs import ads
from roost.node.jobs.fetch import find_place, unfetched
from roost.node.jobs.place import get_place
from roost.node.jobs.queue import Ad, query, remove


def clean(arguments: list[str]) -> int:
    """``roost-node job-clean SUBMISSION…``: end what it has in the queue, and forget it.
    Idempotent. A condor_submit that is still under way finds that it was not to be."""
    for submission in arguments:
        place = get_place(submission)
        place.note.unlink(missing_ok=True)
        remove(place.constraint)
        place.forget()
    return 0


def remove_jobs(arguments: list[str]) -> int:
    """``roost-node job-remove keep|purge ID…``: take jobs from the queue.

    A submission of which nothing is queued any more is removed too, unless (with ``keep``) it has
    results that were not fetched. Prints ``{"removed": [job…], "kept": {cluster: [path…]}}`` or
    ``{"unknown": [id…], "known": [cluster…]}``.
    """
    purge, ids = arguments[0] == "purge", arguments[1:]
    queued = ads.find_in_queue(ids)
    if unknown := _find_unknown(ids, queued):
        json.dump({"unknown": unknown, "known": ads.known_clusters()}, sys.stdout)
        return 0
    remove(ads.constraint_of(ids))
    kept: dict[str, list[str]] = {}
    for cluster in dict.fromkeys(text.partition(".")[0] for text in ids):
        place = find_place(cluster)
        if place and not query(place.constraint, ["ProcId"]):
            left = [] if purge else unfetched(place)
            if left:
                kept[cluster] = left
            else:
                place.forget()
    json.dump({"removed": [ads.job_name(ad) for ad in queued], "kept": kept}, sys.stdout)
    return 0


def _find_unknown(ids: list[str], queued: list[Ad]) -> list[str]:
    """Ids that neither a queued job nor a submission goes by, nor a job that is over."""
    rest = [text for text in ads.find_unknown(ids, queued) if not find_place(text)]
    return ads.find_unknown(rest, ads.find_in_history(rest)) if rest else []
