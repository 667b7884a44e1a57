"""Ending every session that this master's daemons have.

A session that was made with a token goes on without it, for up to a day, and an executor sends its ads
over a connection that stays open. No command of HTCondor's ends the sessions of a daemon that goes on, so
condor_master starts itself and its daemons anew, in its own process: half a second, which no job notices.
The nodes meet an unknown session at their next update, and log in anew with their tokens.
"""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from pathlib import Path

from roost.node.say import NodeError

_TIMEOUT_S = 60.0
_POLL_S = 0.1


def drop_sessions() -> None:
    """Return once the collector has been replaced and answers. Raises :class:`NodeError`."""
    before = _collectors()
    done = subprocess.run(["condor_restart", "-fast"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NodeError(f"condor_restart failed: {(done.stderr or done.stdout).strip()}")
    deadline = time.monotonic() + _TIMEOUT_S
    while not _collectors() - before or not _answers():
        if time.monotonic() > deadline:
            raise NodeError(f"the collector was not back {_TIMEOUT_S:.0f} s after condor_restart")
        time.sleep(_POLL_S)


def _collectors() -> set[str]:
    """Process ids of the collectors that condor_master has started; a collector forks for long queries.
    The kernel cuts names short."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended while we looked
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
            if name == "condor_collecto":
                parent = Path("/proc", rest.split()[1], "comm").read_text().strip()
                found |= {stat.parent.name} if parent == "condor_master" else set()
    return found


def _answers() -> bool:
    ping = ["condor_ping", "-quiet", "-type", "COLLECTOR", "READ"]
    return subprocess.run(ping, capture_output=True, check=False).returncode == 0
