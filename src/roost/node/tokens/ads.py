"""What the master's collector holds: the ads of a revoked node go at once, not when they are old."""

from __future__ import annotations

import subprocess
import tempfile

from roost.node.say import NodeError

_KINDS = {
    "STARTD": ("Machine", "StartD", "Slot"),
    "SCHEDD": ("Scheduler",),
    "SUBMITTOR": ("Submitter",),
    "MASTER": ("DaemonMaster",),
}
"""Commands of condor_advertise, and the kinds of ads that each removes. ``StartD`` is the ad that a
startd has beside its slots' since 23.2."""


def remove_ads_of(machine: str) -> None:
    """Have the collector forget everything that this machine has told it. Raises NodeError."""
    for command, kinds in _KINDS.items():
        for kind in kinds:
            _invalidate(command, kind, machine)


def _invalidate(command: str, kind: str, machine: str) -> None:
    query = f'MyType = "Query"\nTargetType = "{kind}"\nRequirements = Machine == "{machine}"\n'
    with tempfile.NamedTemporaryFile("w", dir="/run/roost", suffix=".ad") as file:
        file.write(query)
        file.flush()
        argv = ["condor_advertise", f"INVALIDATE_{command}_ADS", file.name]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NodeError(f"the collector did not remove ads of {machine}: {done.stderr.strip()}")
