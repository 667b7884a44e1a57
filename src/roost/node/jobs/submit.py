"""condor_submit, and its own words when it refuses."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path


class RefusedError(Exception):
    """HTCondor did not take the submission; the message is its own."""


def condor_submit(file: str, directory: Path, options: Sequence[str] = ()) -> list[tuple[int, int]]:
    """Submit and return each new cluster with its number of processes."""
    done = subprocess.run(
        ["condor_submit", "-terse", *options, file],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise RefusedError(done.stderr.strip() or done.stdout.strip() or "it gave no reason")
    return list(_parse_terse(done.stdout))


def _parse_terse(output: str) -> list[tuple[int, int]]:
    """Lines such as ``12.0 - 12.9``: first and last process of a cluster."""
    counts: dict[int, int] = {}
    for line in output.splitlines():
        first, dash, last = line.partition(" - ")
        if dash:
            cluster, _, begin = first.strip().partition(".")
            end = last.strip().partition(".")[2]
            counts[int(cluster)] = counts.get(int(cluster), 0) + int(end) - int(begin) + 1
    return list(counts.items())
