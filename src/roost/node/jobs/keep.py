"""``roost-node job-keep RUN SUBMISSION CLUSTER``: the results of a run that did not arrive on the host, say
for want of room there, become those of a submission, which ``job-fetch`` offers until it is removed."""

from __future__ import annotations

import json
import sys
from pathlib import PurePosixPath

from roost import contract
from roost.node.jobs import snapshot
from roost.node.jobs.archive import walk
from roost.node.jobs.place import get_place
from roost.node.jobs.submit import UPLOADED_FILE


def keep(arguments: list[str]) -> int:
    """Move what the run was to bring back, and forget the rest of it. Prints ``{"left_out": [path…]}``: what
    cannot be moved, for want of room or because one process made a file of that name and another a
    directory. Then the run stays.

    Executors may write what they like into the directory of a run, so nothing in it is believed: the
    host has made the submission, and put the names of the outputs there.
    """
    run, submission, cluster = get_place(arguments[0]), get_place(arguments[1]), int(arguments[2])
    outputs = json.loads((submission.directory / contract.SUBMISSION_OUTPUTS).read_text("ascii"))
    wanted = set(map(PurePosixPath, outputs))
    snapshot.save(submission.directory / UPLOADED_FILE, {})
    submission.clusters.write_text(f"{cluster}\n", encoding="ascii")
    left_out = []
    for arrival in sorted(run.directory.glob(f"{contract.SUBMISSION_OUT_DIR}.*")):
        for path in [] if arrival.is_symlink() else list(walk(arrival)):
            if wanted.isdisjoint((PurePosixPath(path), *PurePosixPath(path).parents)):
                continue
            source, destination = arrival / path, submission.mirror / path
            try:
                if source.is_dir():
                    destination.mkdir(parents=True, exist_ok=True)
                else:
                    destination.parent.mkdir(parents=True, exist_ok=True)
                    source.replace(destination)
            except OSError:
                left_out.append(path)
    if not left_out:
        run.forget()
    json.dump({"left_out": left_out}, sys.stdout)
    return 0
