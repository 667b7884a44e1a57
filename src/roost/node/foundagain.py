"""Jobs that were found again after a cut: their shadows start anew, or what the jobs made would be lost.

A shadow whose connection to its job breaks shuts its door for the job's files (``disconnectClaimSock`` in
remoteresource.cpp), and leaves it shut when it has found the job again, since it makes one only once
(``FileTransfer::Init``). So the job's output is turned away, five times, and then the job runs anew. A shadow
that takes over a running job from a former schedd makes a door of its own. So that is what happens here: the
schedd starts anew, and the jobs go on meanwhile. Seen with 23.9.6; the source of 25.13 has the same.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from roost import contract
from roost.logline import Level
from roost.node.diagnose.processes import pids_of
from roost.node.heldoff import keep_off, switch_on, tell_master
from roost.node.logtail import LogTail
from roost.node.lostjobs import SHADOW
from roost.node.say import say

SHORTEST_S, LONGEST_S = 20.0, 1200.0
"""Between two restarts. The first is less than a job that ended in a cut goes on trying to hand in its
output; where connections break again and again, or an executor breaks them on purpose, it doubles."""
CALM_S = 3600.0
_TIMEOUT_S = 20.0
_PAUSE_S = 0.1
_SAID = re.compile(
    SHADOW.encode()
    + rb"(?:(?P<broken>Can no longer talk to|Failed to [\w ]+, forcing disconnect)"
    + rb"|(?P<found>Reconnect SUCCESS))",
    re.MULTILINE,
)


class FoundAgain:
    """Reads what shadows write, on a submit node, and has the schedd start anew where that saves a job."""

    def __init__(
        self,
        log: Path = Path(contract.LOG_DIR, "ShadowLog"),
        alive: Callable[[], set[int]] | None = None,
        restart: Callable[[], None] | None = None,
    ) -> None:
        self._log = LogTail(log)
        self._alive = alive or partial(pids_of, "condor_shadow")
        self._restart = restart or _restart_schedd
        self._broken: dict[int, str] = {}
        self._found: dict[int, str] = {}
        self._last, self._pause_s = float("-inf"), SHORTEST_S

    def step(self, now: float) -> None:
        """Called every second: a job that ended in the cut hands in its output within half a minute."""
        self._read()
        if not self._found or now - self._last < self._pause_s:
            return
        alive = self._alive()
        self._broken = {pid: job for pid, job in self._broken.items() if pid in alive}
        saved = sorted(job for pid, job in self._found.items() if pid in alive)
        self._found.clear()
        if not saved:
            return
        calm = now - self._last > CALM_S
        self._pause_s = SHORTEST_S if calm else min(2 * self._pause_s, LONGEST_S)
        self._last = now
        say(
            f"the connection to job {', '.join(saved)} broke, and they were found again: the schedd starts"
            " anew, so that their output is taken in",
            level=Level.WARNING,
        )
        self._restart()

    def _read(self) -> None:
        for said in _SAID.finditer(self._log.read()):
            pid, job = int(said["pid"]), said["job"].decode()
            if said["broken"]:
                self._broken[pid] = job
            elif self._broken.get(pid) == job:  # and not one that took the job over
                self._found[pid] = job


def _restart_schedd() -> None:
    """At once, which leaves running jobs to the shadows of the next one. Off and on takes seconds, where
    ``condor_restart`` waits for ten before the start. Where this is not done to its end, the health process
    sees to it."""
    former = pids_of("condor_schedd")
    keep_off("schedd")
    try:
        tell_master("condor_off", "-fast", "-daemon", "schedd")
        deadline = time.monotonic() + _TIMEOUT_S
        while former & pids_of("condor_schedd") and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
    finally:
        switch_on("schedd")
