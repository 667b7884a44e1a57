"""Jobs that ended with their executor: they go back to the queue as soon as the executor is there again.

The shadow of a job whose executor does not answer tries to reach it until the job's lease ends: the network
may come back, and the job with it. Not so where the executor itself was started anew: every job on it ended
with it. The shadow cannot tell that from a cut, since the new startd knows nothing of the old one's claims
(``RemoteResource::locateReconnectStarter`` in remoteresource.cpp), but the pool can: a claim is named after
the moment in which its startd started, and so is the startd's ad.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from roost import contract
from roost.logline import Level
from roost.node.collector import query
from roost.node.diagnose.processes import pids_of
from roost.node.jobs.ads import job_name
from roost.node.logs.line import HEADER
from roost.node.say import say

Ad = Mapping[str, Any]

EVERY_S = 10.0
AGAIN_S = 60.0
_TIMEOUT_S = 10
_RUNNING = "JobStatus == 2 && JobCurrentReconnectAttempt isnt undefined"
_ATTRIBUTES = ("ClusterId", "ProcId", "RemoteHost", "PublicClaimId")
_LOG_BYTES = 1 << 20
"""Of the end of the shadows' log; one that tries to reach its job writes every half a minute."""
SHADOW = rf"^{HEADER}\((?P<job>\d+\.\d+)\) \((?P<pid>\d+)(?:>\d+)?\): "
"""How each event in the shadows' log begins. Only there: users write into what follows, such as the reason
for which a job is held."""
_SHADOW = re.compile(SHADOW, re.MULTILINE)
_BIRTH = re.compile(r"<[^>]*>#(\d+)#")
"""In the public part of a claim's id: address, birth of the startd, number, and so on."""


def find_lost(jobs: Iterable[Ad], startds: Iterable[Ad]) -> dict[str, str]:
    """The jobs whose claim is older than the startd that has the name of their executor now, with the name
    of its machine."""
    births: dict[str, float] = {}
    for ad in startds:
        machine = str(ad.get("Machine"))
        births[machine] = max(births.get(machine, 0.0), float(ad.get("DaemonStartTime", 0)))
    lost = {}
    for job in jobs:
        machine = str(job.get("RemoteHost", "")).rpartition("@")[2]
        claim = _BIRTH.match(str(job.get("PublicClaimId", "")))
        # Both by the executor's clock. The startd starts a moment before it notes its birth in claims.
        if claim and births.get(machine, 0.0) > float(claim[1]):
            lost[job_name(dict(job))] = machine
    return lost


class LostJobs:
    """Looks for lost jobs now and then, on a submit node, and has them start anew."""

    def __init__(
        self,
        disconnected: Callable[[], list[Ad]] | None = None,
        startds: Callable[[], Iterable[Ad]] | None = None,
        give_up: Callable[[Iterable[str]], None] | None = None,
    ) -> None:
        self._disconnected = disconnected or _disconnected
        self._startds = startds or (lambda: query("Startd", ["Machine", "DaemonStartTime"]))
        self._give_up = give_up or _end_shadows
        self._next = 0.0
        self._told: dict[str, float] = {}

    def step(self, now: float) -> None:
        """Look, if it is time."""
        if now < self._next:
            return
        self._next = now + EVERY_S
        self._told = {job: at for job, at in self._told.items() if now - at < AGAIN_S}
        jobs = self._disconnected()
        lost = find_lost(jobs, self._startds()) if jobs else {}
        new = {job: machine for job, machine in lost.items() if job not in self._told}
        for machine in sorted(set(new.values())):
            gone = [job for job in new if new[job] == machine]
            say(
                f"{machine} was started anew and what ran there is lost: job {', '.join(gone)} goes back to"
                " the queue",
                level=Level.WARNING,
            )
        if new:
            self._give_up(new)
            self._told.update(dict.fromkeys(new, now))


def _disconnected() -> list[Ad]:
    """By the tool, which can be ended where the schedd does not answer, and not by the bindings."""
    if not pids_of("condor_shadow"):
        return []
    argv = ["condor_q", "-allusers", "-json", "-constraint", _RUNNING]
    argv += ["-attributes", ",".join(_ATTRIBUTES)]
    try:
        asked = subprocess.run(
            argv, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return []
    jobs: list[Ad] = json.loads(asked.stdout.strip() or "[]") if not asked.returncode else []
    return jobs


def _end_shadows(jobs: Iterable[str]) -> None:
    """As the schedd itself does with a claim whose lease has ended (``Scheduler::sendAlives``), whereupon it
    queues the job again. A shadow that is asked to give its job up (``condor_vacate_job``, ``condor_hold``)
    wants to end it on the executor first, and sleeps until the lease ends where that fails."""
    log = Path(contract.LOG_DIR, "ShadowLog")
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LOG_BYTES))
        pids = find_shadows(file.read().decode(errors="replace"))
    alive = pids_of("condor_shadow")
    for job in jobs:
        if pids.get(job) in alive:
            os.kill(pids[job], signal.SIGKILL)


def find_shadows(log: str) -> dict[str, int]:
    """Which shadow has which job, by their log: a shadow takes on one job after the other."""
    job_of: dict[int, str] = {}
    for said in _SHADOW.finditer(log):
        job_of.pop(int(said["pid"]), None)  # who wrote last stands last
        job_of[int(said["pid"])] = said["job"]
    return {job: pid for pid, job in job_of.items()}
