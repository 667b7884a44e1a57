"""What the collector still holds of a node's former life, which ended without a word.

Ads are known by name and address, and live for a quarter of an hour without an update. So those of a node
that died stay beside those of its successor: slots that are "Claimed" by jobs that are long gone, a schedd
at an address where nobody is any more, which the negotiator waits for.
"""

from __future__ import annotations

import subprocess

from roost import contract
from roost.contract import Role
from roost.logline import Level
from roost.node.say import say
from roost.node.settings import NodeSettings

_TIMEOUT_S = 20.0
_KINDS = {
    Role.EXECUTE: (("INVALIDATE_STARTD_ADS", "Machine"),),
    Role.SUBMIT: (
        ("INVALIDATE_SCHEDD_ADS", "Scheduler"),
        ("INVALIDATE_SUBMITTOR_ADS", "Submitter"),
    ),
    Role.MASTER: (),
}
"""HTCondor's command, and the type of ad that it removes."""


def render_invalidation(kind: str, machine: str) -> str:
    """What ``condor_advertise`` takes: all ads of that type and machine."""
    return f'MyType = "Query"\nTargetType = "{kind}"\nRequirements = Machine == "{machine}"\n'


def remove_former_ads(settings: NodeSettings) -> None:
    """Before HTCondor starts on this node, and once the master lets it in."""
    machine = contract.node_hostname(settings.node, settings.pool)
    for command, kind in _KINDS[settings.role]:
        argv = ["condor_advertise", "-pool", str(settings.master), command, "-"]
        try:
            done = subprocess.run(
                argv,
                input=render_invalidation(kind, machine),
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            continue
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())
            say(f"ads of this node's former life stay: {said}", level=Level.WARNING)
