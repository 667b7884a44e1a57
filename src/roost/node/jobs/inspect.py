"""``roost-node job-inspect SUBMISSION FILE``: what the jobs of a submit file need, as HTCondor
reads it.

condor_submit's own dry run does the reading. It insists on executables and directories, which are
not there yet: they are put in place, empty, for the host to fill.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from roost import contract
from roost.node.jobs.place import Place, get_place

_EXECUTABLE = re.compile(
    r"^ERROR: (?:Executable file (.+) (?:does not exist|has zero length)"  # 23.9; second also 25.14
    r"|Can't access executable file (.+): No such file or directory)$",  # 25.14
    re.M,
)
_DIRECTORY = re.compile(r"^ERROR: No such directory: (.+)$", re.M)
_FILE = re.compile(r"can't open file (.+): No such file or directory")
_MOST_ROUNDS = 20_000
"""HTCondor names one missing thing at a time, and a job may miss a directory and an executable."""


@dataclass
class Needs:
    """What the host is told; paths are absolute, on this node."""

    error: str = ""
    """condor_submit's own message."""
    wanted: str = ""
    """A file that the submit file includes or takes its items from: upload it and ask again."""
    processes: int = 0
    inputs: set[str] = field(default_factory=set)
    here: set[str] = field(default_factory=set)
    """Those inputs that this node has: /bin/sleep."""
    directories: set[str] = field(default_factory=set)
    """Where the jobs are to start and their results to go."""


def inspect(arguments: list[str]) -> int:
    """Print the needs as JSON."""
    place, file = get_place(arguments[0]), arguments[1]
    json.dump(asdict(find_needs(place, file)), sys.stdout, default=sorted)
    return 0


def find_needs(place: Place, file: str) -> Needs:
    """Read the submit file as often as it takes to have all its directories and executables."""
    for _ in range(_MOST_ROUNDS):
        done = subprocess.run(
            ["condor_submit", "-disable", "-dry-run", "-", file],
            cwd=place.mirror,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )
        if done.returncode == 0:
            return collect(parse_dry_run(done.stdout))
        if not _put_in_place(place, done.stderr):
            wanted = _FILE.search(done.stderr)
            path = os.path.normpath(place.mirror / wanted[1]) if wanted else ""
            return Needs(error=done.stderr.strip(), wanted=path)
    return Needs(error=done.stderr.strip())


def _put_in_place(place: Place, complaint: str) -> bool:
    """Make what HTCondor misses, inside the mirror; False when it complains of something else."""
    directory = _DIRECTORY.search(complaint)
    match = directory or _EXECUTABLE.search(complaint)
    if match is None:
        return False
    path = Path(os.path.normpath(place.mirror / next(filter(None, match.groups()))))
    if not path.is_relative_to(place.root):
        return False
    if directory:
        path.mkdir(parents=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#\n", encoding="ascii")
        path.chmod(0o755)
    return True


def parse_dry_run(output: str) -> Iterator[dict[str, Any]]:
    """The ad of each process. The first of a cluster is whole, the others tell what differs."""
    import classad2

    whole: dict[str, Any] = {}
    for block in output.removeprefix("Dry-Run job(s)").split("\n.\n")[:-1]:
        ad = dict(classad2.parseOne(block.lstrip(".\n")))
        if "ClusterId" in ad:
            whole = ad
        yield {**whole, **ad}


def collect(ads: Iterator[dict[str, Any]]) -> Needs:
    """What all the processes need."""
    needs = Needs()
    for ad in ads:
        needs.processes += 1
        start = Path(str(ad["Iwd"]))
        needs.directories.add(str(start))
        needs.inputs.update(os.path.normpath(start / path) for path in _inputs(ad))
        results = (Path(os.path.normpath(start / path)) for path in _results(ad))
        needs.directories.update(str(path.parent) for path in results)
    needs.here = {path for path in needs.inputs if _is_of_this_node(path)}
    return needs


def _inputs(ad: dict[str, Any]) -> Iterator[str]:
    if ad.get("TransferExecutable", True):
        yield str(ad["Cmd"])
    if ad.get("TransferIn", True) and ad.get("In", os.devnull) != os.devnull:
        yield str(ad["In"])
    for path in str(ad.get("TransferInput", "")).split(","):
        if path.strip() and "://" not in path:
            yield path.strip()


def _results(ad: dict[str, Any]) -> Iterator[str]:
    for name in ("Out", "Err", "UserLog"):
        if ad.get(name, os.devnull) != os.devnull:
            yield str(ad[name])
    for remap in str(ad.get("TransferOutputRemaps", "")).split(";"):
        destination = remap.partition("=")[2].strip()
        if destination and "://" not in destination:
            yield destination


def _is_of_this_node(path: str) -> bool:
    return not Path(path).is_relative_to(contract.JOBS_DIR) and Path(path).exists()
