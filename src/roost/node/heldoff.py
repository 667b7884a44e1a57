"""Daemons that a program of this node switches off for a while: whatever happens to it, they come on again.

``condor_off`` has condor_master hold a daemon off until it gets ``condor_on`` (``handle_subsys_command`` in
master.cpp). Who switches one off may end in between, or get no answer. So a file tells of it, from before the
daemon is switched off until it is switched on, and the health process does that where nobody else does.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from roost import contract
from roost.logline import Level
from roost.node.say import say

PATIENCE_S = 30.0
"""Longer than it takes to stop a node whose daemon has gone, also on a busy engine."""
_TIMEOUT_S = 20.0
_MARK = "held-off."


def keep_off(daemon: str, place: Path = Path(contract.RUN_DIR)) -> None:
    """Call it before a daemon is switched off, and again and again while it shall stay so."""
    (place / f"{_MARK}{daemon}").touch()


def switch_on(daemon: str, place: Path = Path(contract.RUN_DIR)) -> None:
    """One that runs is left as it is; what still ends is started again then."""
    if tell_master("condor_on", "-daemon", daemon):
        (place / f"{_MARK}{daemon}").unlink(missing_ok=True)


def switch_on_forgotten(now: float, place: Path = Path(contract.RUN_DIR)) -> None:
    """Those that nobody has kept off for :data:`PATIENCE_S`; ``now`` in seconds of the epoch."""
    for mark in place.glob(f"{_MARK}*"):
        if now - mark.stat().st_mtime > PATIENCE_S:
            daemon = mark.name.removeprefix(_MARK)
            say(f"the {daemon} was left switched off: it is switched on", level=Level.WARNING)
            keep_off(daemon, place)  # asked again after as long where there is no answer
            switch_on(daemon, place)


def forget(place: Path = Path(contract.RUN_DIR)) -> None:
    """A node that starts holds no daemon off."""
    for mark in place.glob(f"{_MARK}*"):
        mark.unlink(missing_ok=True)


def tell_master(*argv: str) -> bool:
    """Run a tool that tells condor_master something; whether it did. What it says otherwise is logged."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        said = f"no answer within {_TIMEOUT_S:.0f} s"
    else:
        if done.returncode == 0:
            return True
        said = " ".join((done.stderr or done.stdout).split()) or f"it ended with {done.returncode}"
    say(f"`{' '.join(argv)}` failed: {said}", level=Level.ERROR)
    return False
