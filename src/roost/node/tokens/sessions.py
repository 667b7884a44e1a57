"""Ending every session that this master's daemons have.

A session that was made with a token goes on without it, for up to a day, and an executor sends its ads
over a connection that stays open. No command of HTCondor's ends the sessions of a daemon that goes on, so
condor_master starts itself and its daemons anew, in its own process: half a second, which no job notices.
The nodes meet an unknown session at their next update, and log in anew with their tokens.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from roost import contract
from roost.node.say import NodeError

_COLLECTOR_ADDRESS = Path(contract.LOG_DIR) / ".collector_address"
_TIMEOUT_S = 60.0
_POLL_S = 0.1


def drop_sessions() -> None:
    """Return once the collector has been replaced and answers. Raises :class:`NodeError`."""
    before = _stamp(_COLLECTOR_ADDRESS)
    done = subprocess.run(["condor_restart", "-fast"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NodeError(f"condor_restart failed: {(done.stderr or done.stdout).strip()}")
    deadline = time.monotonic() + _TIMEOUT_S
    while _stamp(_COLLECTOR_ADDRESS) in (before, None) or not _answers():
        if time.monotonic() > deadline:
            raise NodeError(f"the collector was not back {_TIMEOUT_S:.0f} s after condor_restart")
        time.sleep(_POLL_S)


def _stamp(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _answers() -> bool:
    ping = ["condor_ping", "-quiet", "-type", "COLLECTOR", "READ"]
    return subprocess.run(ping, capture_output=True, check=False).returncode == 0
