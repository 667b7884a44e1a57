"""condor_submit, and its own words when it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from roost import contract
from roost.node.jobs import snapshot
from roost.node.jobs.place import Place, get_place
from roost.node.jobs.queue import remove

UPLOADED_FILE = "uploaded.json"
"""What the mirror held when the jobs were submitted: all else in it came from them."""


class RefusedError(Exception):
    """HTCondor did not take the submission; the message is its own."""


@dataclass(frozen=True)
class Submitted:
    """New clusters with their numbers of processes, and what condor_submit had to say."""

    clusters: list[tuple[int, int]]
    said: str


def submit(arguments: list[str]) -> int:
    """``roost-node job-submit SUBMISSION FILE``: submit a file of the mirror, by its path below the
    directory on the host. Prints ``{"clusters", "said"}`` or ``{"error"}``."""
    place, file = get_place(arguments[0]), arguments[1]
    snapshot.save(place.directory / UPLOADED_FILE, snapshot.take(place.mirror))
    try:
        done = condor_submit(file, place.mirror, place)
    except RefusedError as error:
        json.dump({"error": str(error)}, sys.stdout)
    else:
        lines = "".join(f"{cluster}\n" for cluster, _ in done.clusters)
        place.clusters.write_text(lines, encoding="ascii")
        json.dump({"clusters": done.clusters, "said": done.said}, sys.stdout)
    return 0


def condor_submit(file: str, directory: Path, place: Place) -> Submitted:
    """Submit, and mark the jobs as those of the submission. Raises :class:`RefusedError`, also where the
    submission was taken back meanwhile: then none of its jobs stays."""
    done = subprocess.run(
        [
            *("condor_submit", "-terse"),
            *("-append", f'My.{contract.AD_SUBMISSION} = "{place.submission}"'),
            file,
        ],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise RefusedError(done.stderr.strip() or done.stdout.strip() or "it gave no reason")
    if not place.note.exists():
        remove(place.constraint)
        raise RefusedError("the submission was taken back meanwhile")
    return Submitted(list(_parse_terse(done.stdout)), done.stderr.strip())


def _parse_terse(output: str) -> Iterator[tuple[int, int]]:
    """Lines such as ``12.0 - 12.9``, first and last process: one or more for each cluster."""
    counts: dict[int, int] = {}
    for line in output.splitlines():
        first, dash, last = line.partition(" - ")
        if dash:
            cluster, _, begin = first.strip().partition(".")
            end = last.strip().partition(".")[2]
            counts[int(cluster)] = counts.get(int(cluster), 0) + int(end) - int(begin) + 1
    yield from counts.items()
