"""Asking and changing the queue of this node's schedd."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from typing import Any


def query(constraint: str, projection: Sequence[str]) -> list[dict[str, Any]]:
    """Ads of the jobs in the queue, as plain values."""
    import htcondor2

    found = htcondor2.Schedd().query(constraint=constraint, projection=list(projection))
    return [dict(ad) for ad in found]


def remove_cluster(cluster: int, *, timeout_s: float = 10.0) -> None:
    """Remove a cluster and return once it has left the queue, or after ``timeout_s``."""
    subprocess.run(["condor_rm", str(cluster)], capture_output=True, check=False)
    deadline = time.monotonic() + timeout_s
    while query(f"ClusterId == {cluster}", ["ProcId"]) and time.monotonic() < deadline:
        time.sleep(0.1)
