"""``roost-node release NODE``: on a submit node or an executor, end what ties it to a revoked node.

HTCondor's nodes talk to each other over sessions that the master is no part of, so revoking a node at the
master ends none of its claims. This does, from the other side, and asks the revoked node nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError
from roost.node.settings import read_settings

_TIMEOUT_S = 120.0
"""26 jobs took 12 s on a busy machine: a shadow ends its job before itself."""
_PAUSE_S = 1.0


def release(arguments: list[str]) -> int:
    """Print ``{"released"}``, the number of jobs or slots. Raises :class:`NodeError`."""
    if len(arguments) != 1:
        raise NodeError("give the one node's name")
    settings = read_settings(os.environ, os.uname().nodename)
    machine = contract.node_hostname(arguments[0], settings.pool)
    if settings.role is Role.SUBMIT:
        released = _release_jobs(machine)
    elif settings.role is Role.EXECUTE:
        own = contract.node_hostname(settings.node, settings.pool)
        released = _release_slots(own, machine)
    else:
        raise NodeError("the master runs no job and queues none")
    json.dump({"released": released}, sys.stdout)
    return 0


def _release_jobs(machine: str) -> int:
    """Jobs that run there go back to the queue at once: their shadows end without a word from there.
    Again until none is left: one may just have been starting."""
    on_it = f'splitSlotName(RemoteHost)[1] =?= "{machine}"'
    released: set[str] = set()
    deadline = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            found = _run(["condor_q", "-allusers", "-constraint", on_it, "-af:j", "ProcId"])
        except NodeError:
            # The schedd does nothing else for 20 s at a time while it talks to a node that is shut out
            # (seen with 25.14.1).
            if time.monotonic() > deadline:
                raise
            continue
        jobs = {line.split()[0] for line in found.splitlines()}
        if not jobs:
            return len(released)
        if time.monotonic() > deadline:
            raise NodeError(f"jobs still run on {machine}: {', '.join(sorted(jobs)[:5])}")
        released |= jobs
        # It fails where the last of them has just ended; the next look tells.
        vacate = ["condor_vacate_job", "-fast", "-constraint", on_it]
        subprocess.run(vacate, capture_output=True, check=False)
        time.sleep(_PAUSE_S)


def _release_slots(own: str, schedd: str) -> int:
    """All claims of this executor go, where that schedd has one: HTCondor's tools give up no single
    dynamic slot by name (23.9). Jobs of other schedds start again elsewhere."""
    claimed = f'Machine == "{own}" && RemoteScheddName == "{schedd}"'
    count = len(_run(["condor_status", "-constraint", claimed, "-af", "Name"]).split())
    if count:
        _run(["condor_vacate", "-fast"])
    return count


def _run(argv: list[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NodeError(f"{argv[0]} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout
