"""What the master's collector holds: the ads of a revoked node go at once, not when they are old."""

from __future__ import annotations

import subprocess
import tempfile

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError

_KINDS = {
    Role.EXECUTE: (("STARTD", "Machine"), ("STARTD", "Slot"), ("STARTD", "StartD")),
    Role.SUBMIT: (("SCHEDD", "Scheduler"), ("SUBMITTOR", "Submitter")),
}
"""What nodes of a role advertise: the command of condor_advertise, and the kind of ad that it removes.
``StartD`` is the ad that a startd has beside those of its slots."""


def remove_ads_of(role: Role, machine: str) -> None:
    """Have the collector forget everything that this machine has told it. Raises NodeError."""
    for command, kind in (*_KINDS[role], ("MASTER", "DaemonMaster")):
        _invalidate(command, kind, machine)


def _invalidate(command: str, kind: str, machine: str) -> None:
    query = f'MyType = "Query"\nTargetType = "{kind}"\nRequirements = Machine == "{machine}"\n'
    with tempfile.NamedTemporaryFile("w", dir=contract.RUN_DIR, suffix=".ad") as file:
        file.write(query)
        file.flush()
        argv = ["condor_advertise", f"INVALIDATE_{command}_ADS", file.name]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NodeError(f"the collector did not remove ads of {machine}: {done.stderr.strip()}")
