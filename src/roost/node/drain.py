"""``roost-node drain`` on an executor: finish the running jobs, take no new ones, then answer.

A peaceful shutdown of the startd; see ``condor_off`` in HTCondor's manual. A startd that has begun it cannot
go back (``ResMgr::markShutdown``). Who asked has to stop the node soon: where nobody does, since the command
was interrupted, a new startd takes jobs again (:mod:`roost.node.heldoff`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from roost.node.heldoff import keep_off
from roost.node.say import NodeError

_POLL_S = 0.2
_ASK_AGAIN_S = 30.0


def drain(_arguments: list[str]) -> int:
    """Return once no startd runs here any more; as long as it takes."""
    started = time.monotonic()
    asked_at: float | None = None
    keep_off("startd")
    while _runs("condor_startd"):
        # Asked again now and then: a startd that was just starting may have missed it. Where only that fails
        # there is nothing to give up for: hours of work may hang on this.
        if asked_at is None or time.monotonic() - asked_at >= _ASK_AGAIN_S:
            problem = _ask()
            if problem and asked_at is None:
                raise NodeError(problem)
            asked_at = time.monotonic()
        time.sleep(_POLL_S)
        keep_off("startd")
    json.dump({"drained_after_s": round(time.monotonic() - started, 3)}, sys.stdout)
    return 0


def _ask() -> str:
    """What went wrong; nothing if it did not."""
    argv = ["condor_off", "-peaceful", "-daemon", "startd"]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False)
    return (
        f"condor_off failed: {(asked.stderr or asked.stdout).strip()}" if asked.returncode else ""
    )


def _runs(program: str) -> bool:
    """Whether a process of that name is there; a defunct one is not."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except OSError:
            continue  # it ended while we looked
        name, _, rest = text.partition("(")[2].rpartition(")")
        if name == program and not rest.split()[0].startswith("Z"):
            return True
    return False
