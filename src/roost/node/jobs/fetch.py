"""``roost-node job-fetch CLUSTER``: what came of a submission, as a tar; ``job-fetched`` when the
host has it."""

from __future__ import annotations

import json
import re
import secrets
import sys
from contextlib import suppress
from pathlib import Path

from roost import contract
from roost.contract import JobFrame
from roost.node.jobs import snapshot
from roost.node.jobs.archive import write_tar
from roost.node.jobs.place import CLUSTERS_SUFFIX, Place, get_place
from roost.node.jobs.submit import UPLOADED_FILE
from roost.node.say import NodeError

_OFFER = re.compile(r"[0-9a-f]+")
_FETCHED_FILE = "fetched.json"
_OFFERED_FILE = "offered-{}.json"
"""Each fetch has its own: of two at once, one may be interrupted and the other not."""


def fetch(arguments: list[str]) -> int:
    """Print ``{"submission", "offer", "cwd", "host", "files"}`` as a line, and the tar after another.

    Or print ``{"unknown": cluster, "known": [cluster…]}``.
    """
    cluster = arguments[0]
    place = find_place(cluster)
    if place is None or not place.note.exists():
        _tell({"unknown": cluster, "known": sorted(_places(), key=int)})
        return 0
    now = snapshot.take(place.mirror)
    paths = snapshot.changes(now, snapshot.load(place.directory / UPLOADED_FILE))
    offer = secrets.token_hex(4)
    offered = place.directory / _OFFERED_FILE.format(offer)
    snapshot.save(offered, {path: now[path] for path in paths})
    note = json.loads(place.note.read_text(encoding="ascii"))
    files = sum(bool(now[path]) for path in paths)
    _tell(
        {
            "submission": place.submission,
            "offer": offer,
            "cwd": note["cwd"],
            "host": note["host"],
            "files": files,
        }
    )
    _tell({"kind": JobFrame.FILES.value})
    write_tar([(place.mirror, paths)], sys.stdout.buffer)
    return 0


def fetched(arguments: list[str]) -> int:
    """``roost-node job-fetched SUBMISSION OFFER``: the host has what that offer was of."""
    directory = get_place(arguments[0]).directory
    if not _OFFER.fullmatch(arguments[1]):
        raise NodeError(f"{arguments[1]!r} is no offer")
    with suppress(FileNotFoundError):  # the submission was removed meanwhile
        (directory / _OFFERED_FILE.format(arguments[1])).replace(directory / _FETCHED_FILE)
    return 0


def unfetched(place: Place) -> list[str]:
    """What came of a submission and never arrived on the host as it is now; nothing of one that was taken
    back."""
    if not place.note.exists():
        return []
    now = snapshot.take(place.mirror)
    results = snapshot.changes(now, snapshot.load(place.directory / UPLOADED_FILE))
    there = snapshot.load(place.directory / _FETCHED_FILE)
    return [path for path in results if now[path] and there.get(path) != now[path]]


def find_place(cluster: str) -> Place | None:
    """The submission that a cluster belongs to."""
    return _places().get(cluster)


def _places() -> dict[str, Place]:
    """All submissions that can be fetched from, by each of their clusters."""
    places = {}
    for file in Path(contract.JOBS_DIR).glob(f"*{CLUSTERS_SUFFIX}"):
        with suppress(FileNotFoundError):
            for cluster in file.read_text(encoding="ascii").split():
                places[cluster] = Place(file.stem)
    return places


def _tell(value: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(value).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()
