"""Cuts lab7 and lab8 off for a minute, with jobs on them, and looks at what becomes of those."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from roost.waiting import wait_for
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.lab import Lab

CUT_S = 60.0
LEASE_S = 40
USUAL_S = [75, 50, *[3] * 10]
"""One job outlives the cut, one ends in it, and the others start after it: lab7 has two slots."""
USUAL = f"""
executable = /bin/sleep
transfer_executable = false
arguments = $(seconds)
requirements = regexp("lab7", Machine)
queue seconds in ({" ".join(map(str, USUAL_S))})
"""
FOUND_AGAIN = """
executable = /bin/sh
transfer_executable = false
arguments = "-c 'sleep 45; echo made in the cut > made'"
transfer_output_files = made
requirements = regexp("lab8", Machine)
queue
"""
LEASED = f"""
executable = /bin/sleep
transfer_executable = false
arguments = 55
job_lease_duration = {LEASE_S}
requirements = NumJobStarts > 0 || regexp("lab8", Machine)
queue
"""
QUICKLY = "TCP_KEEPALIVE_INTERVAL = 5\nSTARTER_INITIAL_UPDATE_INTERVAL = 1\n"
"""With the kernel's settings below, a cut is seen after 30 s and not after 12 minutes. Where something was
just being sent it takes longer: the first update has been sent before."""
_KERNEL = {"tcp_keepalive_intvl": 5, "tcp_keepalive_probes": 5}
_NEAR_AND_FAR = (("head", "roost-submit"), ("lab8", "roost-execute-lab8"))
"""The two ends of the connections that break."""


@dataclass
class Cut:
    """What was seen in the cut, and what came of the jobs."""

    on_lab7: list[str] = field(default_factory=list)
    """The jobs that ran there when it began. Their connections outlive it."""
    usual: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """How often each of those started, its exit code, and where it ran last."""
    found_again: tuple[str, ...] = ()
    """The same of the job on lab8 whose connection broke, and which was found again."""
    leased: str = ""
    """The job on lab8 whose lease ends in the cut."""
    again: tuple[str, ...] = ()
    shown: dict[str, Any] = field(default_factory=dict)
    """That job in ``roost jobs`` during the cut."""
    findings: list[dict[str, Any]] = field(default_factory=list)
    """What ``roost doctor`` said then."""
    left_on_lab8: str = ""
    """The processes there once it had started anew elsewhere."""


def cut_off(lab: Lab) -> Cut:
    """Submit the jobs, pull the plugs, push them again, and wait for the jobs."""
    seen = Cut()
    notice_quickly(lab)
    found_again, leased = lab.submit(FOUND_AGAIN), lab.submit(LEASED)
    for cluster in (found_again, leased):
        _wait_until_running(lab, cluster, "lab8", 1)
    lab.configure("head", "roost-submit", "")
    usual = lab.submit(USUAL)
    seen.on_lab7 = _wait_until_running(lab, usual, "lab7", 2)
    plugs = [lab.hosts[name].plug for name in ("lab7", "lab8")]
    for plug in plugs:
        plug.pull()
    began = time.monotonic()
    _look_in_the_cut(lab, leased, seen)
    time.sleep(max(0.0, CUT_S - (time.monotonic() - began)))
    for plug in plugs:
        plug.push()
    lab.roost("wait", *map(str, (usual, found_again, leased)))
    lab.roost("fetch", str(found_again))
    lab.configure("lab8", "roost-execute-lab8", "")
    seen.usual = lab.ended(usual)
    (seen.found_again,) = lab.ended(found_again).values()
    (seen.again,) = lab.ended(leased).values()
    return seen


def notice_quickly(lab: Lab) -> None:
    """Have shadows that start from now on, and starters on lab8, notice a cut within a minute."""
    for host, container in _NEAR_AND_FAR:
        lab.hosts[host].set_kernel(container, _KERNEL)
        lab.configure(host, container, QUICKLY)


def _wait_until_running(lab: Lab, cluster: int, node: str, count: int) -> list[str]:
    def there() -> list[str] | None:
        running = lab.running(cluster, node)
        return running if len(running) == count else None

    return wait_for(f"{count} of cluster {cluster} run on {node}", there, timeout_s=PATIENCE_S)


def _look_in_the_cut(lab: Lab, leased: int, seen: Cut) -> None:
    seen.leased = f"{leased}.0"

    def shown() -> dict[str, Any] | None:
        jobs = json.loads(lab.roost("jobs", "--json"))
        return next((job for job in jobs if job["id"] == seen.leased and job["disconnected"]), None)

    seen.shown = wait_for("it is out of reach", shown, timeout_s=PATIENCE_S)
    told = lab.hosts["head"].run("roost", "doctor", "--json", cwd=lab.cwd)
    seen.findings = json.loads(told.stdout)["findings"]
    _wait_until_running(lab, leased, "execute-1", 1)
    seen.left_on_lab8 = lab.hosts["lab8"].docker("top", "roost-execute-lab8")
