"""``roost-node job-slots``, as root: what each whole slot of the pool offers, as a JSON list.

Through condor_status, since the bindings do not read the node's credential, and only root may.
"""

from __future__ import annotations

import json
import subprocess
import sys

from roost.node.say import NodeError

_ATTRIBUTES = "Name,TotalSlotCpus,TotalSlotMemory,TotalSlotDisk"


def slots(_arguments: list[str]) -> int:
    """Print ``[{"name", "cpus", "memory_mb", "disk_mb"}…]``; dynamic slots are parts of others."""
    asked = subprocess.run(
        [
            "condor_status",
            "-json",
            "-constraint",
            "DynamicSlot =!= true",
            "-attributes",
            _ATTRIBUTES,
        ],
        capture_output=True,
        check=False,
    )
    if asked.returncode:
        raise NodeError(f"the collector does not answer: {asked.stderr.decode(errors='replace')}")
    offers = [
        {
            "name": ad["Name"],
            "cpus": int(ad["TotalSlotCpus"]),
            "memory_mb": int(ad["TotalSlotMemory"]),
            "disk_mb": int(ad["TotalSlotDisk"]) // 1024,
        }
        for ad in json.loads(asked.stdout or b"[]")
    ]
    json.dump(offers, sys.stdout)
    return 0
