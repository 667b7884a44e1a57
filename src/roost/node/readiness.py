"""``roost-node watch TIMEOUT ROLE:NODE…`` on the master: tell which nodes the collector knows, until all are.

One JSON line for each change, ``{"ready": [node…], "missing": [node…]}``. Readiness is what the
collector holds, not that a process runs: a negotiator for the master, a schedd for a submit node, a
slot for an executor.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

from roost.contract import Role, node_of_machine
from roost.node.collector import query
from roost.node.configured import await_configuration
from roost.node.say import NodeError

SIGN_OF_LIFE = {
    "Negotiator": Role.MASTER,
    "Scheduler": Role.SUBMIT,
    "Machine": Role.EXECUTE,
    "Slot": Role.EXECUTE,
}
"""The ads by which a role is known to do its work."""
_FIRST_PAUSE_S = 0.03
_LONGEST_PAUSE_S = 0.5


def watch(arguments: list[str]) -> int:
    """Exit code 0 once every node asked for is known, 1 after the time-out."""
    if len(arguments) < 2:
        raise NodeError("watch needs a time-out in seconds and at least one role:node")
    deadline = time.monotonic() + float(arguments[0])
    wanted = set(arguments[1:])
    told: set[str] | None = None
    pause_s = _FIRST_PAUSE_S
    await_configuration(deadline)
    while True:
        known = wanted & nodes_known(query("Any", ["MyType", "Machine"]))
        if known != told:
            told = known
            _tell(known, wanted)
        if known == wanted:
            return 0
        if time.monotonic() > deadline:
            return 1
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.2, _LONGEST_PAUSE_S)


def nodes_known(ads: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ``role:node`` of every node that does its role's work, by the collector's ads."""
    known = set()
    for ad in ads:
        role = SIGN_OF_LIFE.get(str(ad.get("MyType")))
        if role and ad.get("Machine"):
            known.add(f"{role}:{node_of_machine(str(ad['Machine']))}")
    return known


def _tell(known: set[str], wanted: set[str]) -> None:
    ready = sorted(name.partition(":")[2] for name in known)
    missing = sorted(name.partition(":")[2] for name in wanted - known)
    sys.stdout.write(json.dumps({"ready": ready, "missing": missing}) + "\n")
    sys.stdout.flush()
