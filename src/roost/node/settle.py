"""Make the first job as quick as the hundredth: the schedd meets the negotiator before there is a job.

The first job makes the schedd send RESCHEDULE to the negotiator, which has to authenticate it first;
at that very moment the negotiator sends NEGOTIATE to the schedd. Both daemons are single-threaded, wait
for each other, and give up after 20 s (seen with 23.9.6 on four of eight fresh pools). A RESCHEDULE
without a job makes the session beforehand, while nothing comes the other way.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from roost import contract
from roost.node.collector import query
from roost.node.say import NodeError, say

MARKER = Path(contract.RUN_DIR, "settled")
_POLL_S = 0.1
_HANDSHAKE_S = 0.15
"""The schedd answers ``condor_reschedule`` before it has talked to the negotiator."""


def settle(_arguments: list[str]) -> int:
    """Supervised on a submit node, once for each start: introduce the schedd to the negotiator."""
    while not (_negotiator_is_known() and _reschedule()):
        time.sleep(_POLL_S)
    time.sleep(_HANDSHAKE_S)
    MARKER.touch()
    say("ready for jobs")
    return 0


def await_settled(arguments: list[str]) -> int:
    """``roost-node await-settled SECONDS``: exit code 0 once the submit node is ready for jobs."""
    if len(arguments) != 1:
        raise NodeError("await-settled needs a time-out in seconds")
    deadline = time.monotonic() + float(arguments[0])
    while not MARKER.exists():
        if time.monotonic() > deadline:
            sys.stderr.write("the schedd and the negotiator have not met yet\n")
            return 1
        time.sleep(_POLL_S / 2)
    return 0


def _negotiator_is_known() -> bool:
    return bool(query("Negotiator", ["Machine"]))


def _reschedule() -> bool:
    return subprocess.run(["condor_reschedule"], capture_output=True, check=False).returncode == 0
