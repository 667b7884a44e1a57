"""What the collector still holds of a node's former life, which ended without a word.

Ads are known by name and address, and live for a quarter of an hour without an update. So those of a node
that died stay beside those of its successor: slots that are "Claimed" by jobs that are long gone, a schedd
at an address where nobody is any more, which the negotiator waits for.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

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


def render_invalidation(kind: str, machine: str, name: str | None = None) -> str:
    """What ``condor_advertise`` takes: all ads of that type and machine, or the one of that name."""
    one = f' && Name == "{name}"' if name else ""
    return f'MyType = "Query"\nTargetType = "{kind}"\nRequirements = Machine == "{machine}"{one}\n'


def remove_former_ads(settings: NodeSettings) -> None:
    """Before HTCondor starts on this node, and once the master lets it in."""
    for command, kind in _KINDS[settings.role]:
        _invalidate(settings, command, kind)


def remove_slots(settings: NodeSettings, names: Iterable[str]) -> None:
    """Slots that this node has given up while the collector could not hear of it."""
    for name in names:
        _invalidate(settings, *_KINDS[Role.EXECUTE][0], name)


def _invalidate(settings: NodeSettings, command: str, kind: str, name: str | None = None) -> None:
    machine = contract.node_hostname(settings.node, settings.pool)
    argv = ["condor_advertise", "-pool", str(settings.master), command, "-"]
    try:
        done = subprocess.run(
            argv,
            input=render_invalidation(kind, machine, name),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        say(f"ads of this node's former life stay: {said}", level=Level.WARNING)
