"""``roost-node job-slots``, as root: what each whole slot of the pool offers, as a JSON list.

Through condor_status, since the bindings do not read the node's credential, and only root may.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

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
    json.dump([offer(ad) for ad in json.loads(asked.stdout or b"[]")], sys.stdout)
    return 0


def offer(slot: Mapping[str, Any]) -> dict[str, str | int]:
    """What a slot offers while nothing runs on it."""
    return {
        "name": str(slot["Name"]),
        "cpus": int(slot["TotalSlotCpus"]),
        "memory_mb": int(slot["TotalSlotMemory"]),
        "disk_mb": int(slot["TotalSlotDisk"]) // 1024,
    }
