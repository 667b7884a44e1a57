"""``roost-node job-match CLUSTER…``, as root: which jobs no slot of the pool can ever take.

Matchmaking as the negotiator does it, but against whole slots: as if nothing ran on them now.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from roost.node.jobs.slots import offer
from roost.node.say import NodeError

_MOST_KINDS = 50
"""Jobs that differ in what they ask for; one of each kind is tried."""


def match(clusters: list[str]) -> int:
    """Print ``{"slots": [offer…], "unmatched": [{"job", "requirements", "request"}…]}``."""
    slots = list(_whole_slots())
    unmatched = [
        {
            "job": f"{job['ClusterId']}.{job['ProcId']}",
            "requirements": str(job.get("Requirements", "")),
            "request": {
                "cpus": _number(job, "RequestCpus"),
                "memory_mb": _number(job, "RequestMemory"),
                "disk_mb": _number(job, "RequestDisk") // 1024,
            },
        }
        for job in _kinds(clusters)
        if slots and not any(job.symmetricMatch(slot) for slot in slots)
    ]
    json.dump({"slots": [offer(slot) for slot in slots], "unmatched": unmatched}, sys.stdout)
    return 0


def _kinds(clusters: list[str]) -> list[Any]:
    """One job of each kind in the clusters."""
    import htcondor2

    constraint = " || ".join(f"ClusterId == {int(cluster)}" for cluster in clusters)
    kinds: dict[str, Any] = {}
    for ad in htcondor2.Schedd().query(constraint=constraint):
        key = str([ad.get(name) for name in _ASKS])
        kinds.setdefault(key, ad)
    return list(kinds.values())[:_MOST_KINDS]


_ASKS = ("Requirements", "RequestCpus", "RequestMemory", "RequestDisk", "RequestGPUs")


def _whole_slots() -> Iterator[Any]:
    """Slots as they are when nothing runs. Through condor_status: see :mod:`.slots`."""
    import classad2

    asked = subprocess.run(
        ["condor_status", "-long", "-constraint", "DynamicSlot =!= true"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if asked.returncode:
        raise NodeError(f"the collector does not answer: {asked.stderr.strip()}")
    for text in asked.stdout.split("\n\n"):
        if text.strip():
            slot = classad2.parseOne(text)
            for name in ("Cpus", "Memory", "Disk"):
                slot[name] = slot.get(f"TotalSlot{name}", slot.get(name))
            yield slot


def _number(job: Any, name: str) -> int:
    value = job.eval(name) if name in job else 0
    return int(value) if isinstance(value, (int, float)) else 0
