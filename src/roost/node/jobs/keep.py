"""``roost-node job-keep SUBMISSION CLUSTER``: the results of a run that did not arrive on the host, say for
want of room there, become those of a submission, which ``job-fetch`` offers until they are removed."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from roost import contract
from roost.node.jobs import snapshot
from roost.node.jobs.archive import walk
from roost.node.jobs.place import get_place
from roost.node.jobs.submit import CLUSTERS_FILE, UPLOADED_FILE


def keep(arguments: list[str]) -> int:
    """Only what the run was to bring back, which the host has put there: executors may hand in more."""
    place, cluster = get_place(arguments[0]), int(arguments[1])
    outputs = json.loads((place.directory / contract.SUBMISSION_OUTPUTS).read_text("ascii"))
    wanted = set(map(PurePosixPath, outputs))
    for arrival in place.directory.glob(f"{contract.SUBMISSION_OUT_DIR}.*"):
        for path in list(walk(arrival)):
            if wanted.isdisjoint((PurePosixPath(path), *PurePosixPath(path).parents)):
                continue
            source, destination = arrival / path, place.mirror / path
            if source.is_dir():
                destination.mkdir(parents=True, exist_ok=True)
            else:
                destination.parent.mkdir(parents=True, exist_ok=True)
                source.replace(destination)
    snapshot.save(place.directory / UPLOADED_FILE, {})
    (place.directory / CLUSTERS_FILE).write_text(f"{cluster}\n", encoding="ascii")
    return 0
