"""Cuts lab7 and lab8 off, with jobs on them, and looks at what becomes of those."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from roost.waiting import wait_for
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.lab import Lab, Run

CUT_S = 60.0
LEASE_S = 60
"""From the last word of a job, which is its start, until it is given up. In between it has to be seen that
it is out of reach, which is known after 30 s (below)."""
_BEGUN = "/run/cut"
"""A file on executors: jobs count their seconds from then on, however long it took to start them all."""
_WAIT = f"until [ -e {_BEGUN} ]; do sleep 0.2; done"
USUAL_S = [150, 50, *[3] * 10]
"""One job outlives the cut, one ends in it, and the others start after it: lab7 has two slots."""
USUAL = f"""
executable = /bin/sh
transfer_executable = false
arguments = "-c '{_WAIT}; sleep $(seconds)'"
requirements = regexp("lab7", Machine)
queue seconds in ({" ".join(map(str, USUAL_S))})
"""
BROKEN = f"""
executable = /bin/sh
transfer_executable = false
arguments = "-c '{_WAIT}; sleep 40; echo made in the cut > made'"
transfer_output_files = made
requirements = regexp("lab8", Machine)
queue
"""
_FIRST_RUN = "sleep 600"
# Not just anywhere else: executors that are cut off are offered for as long as the collector has their ads.
LEASED = f"""
executable = /bin/sh
transfer_executable = false
arguments = "-c 'case `hostname` in *lab8*) {_WAIT}; {_FIRST_RUN};; esac'"
job_lease_duration = {LEASE_S}
requirements = regexp(NumJobStarts > 0 ? "execute-1" : "lab8", Machine)
queue
"""
QUICKLY = "TCP_KEEPALIVE_INTERVAL = 5\nSTARTER_INITIAL_UPDATE_INTERVAL = 1\n"
"""With the kernel's settings below, a cut is seen after 30 s and not after 12 minutes. Where something was
just being sent it takes longer: the first update has been sent before."""
_NOT_AT_ALL = "TCP_KEEPALIVE_INTERVAL = 600\n"
"""For the shadows of the jobs on lab7: the kernel's settings hold for all of the submit node."""
_KERNEL = {"tcp_keepalive_intvl": 5, "tcp_keepalive_probes": 5}
_NEAR_AND_FAR = (("head", "roost-submit"), ("lab8", "roost-execute-lab8"))
"""The two ends of the connections that break."""


@dataclass(frozen=True)
class Look:
    """What was seen while it lasted, of the job whose lease ends in it."""

    job: str
    shown: dict[str, Any]
    """It in ``roost jobs``."""
    findings: list[dict[str, Any]]
    """What ``roost doctor`` said."""
    run: Run
    """How it ended elsewhere."""


@dataclass(frozen=True)
class Cut:
    """What came of the jobs on lab7, whose connections outlive the cut: by process, and since when those had
    run that ran before."""

    before: dict[str, str]
    ended: dict[str, Run]
    look: Look
    """Of one on lab8 meanwhile."""


def cut_off(lab: Lab) -> Cut:
    """Submit the jobs, pull both plugs for a minute, push them again, and wait for the jobs."""
    lab.configure("head", "roost-submit", _NOT_AT_ALL)
    usual = lab.submit(USUAL)
    before = _running(lab, usual, "lab7", 2)
    _notice_quickly(lab)
    assert not _disconnected(lab)
    leased = lab.submit(LEASED)
    _running(lab, leased, "lab8", 1)
    with _unplugged(lab, "lab7", "lab8"):
        began = time.monotonic()
        look = _look(lab, leased)
        time.sleep(max(0.0, CUT_S - (time.monotonic() - began)))
    lab.roost("wait", str(usual))
    _notice_as_ever(lab)
    return Cut(before, lab.ended(usual), look)


def first_run_has_ended(lab: Lab) -> None:
    """Wait until the job whose lease ended does not run on lab8 any more. It goes on there for as long as the
    cut lasts: its starter may not notice."""
    wait_for("it ends on lab8", lambda: _FIRST_RUN not in _top(lab) or None, timeout_s=PATIENCE_S)


def break_connection(lab: Lab) -> tuple[dict[str, str], dict[str, Run]]:
    """Pull a plug until the connection of a job breaks, which ends meanwhile. Since when it had run, and how
    it ended; its output is fetched."""
    lab.hosts["lab8"].docker("exec", "roost-execute-lab8", "rm", "-f", _BEGUN)
    _notice_quickly(lab)
    broken = lab.submit(BROKEN)
    before = _running(lab, broken, "lab8", 1)
    with _unplugged(lab, "lab8"):
        _disconnected_one(lab, f"{broken}.0")
        wait_for("it ends", lambda: "sleep 40" not in _top(lab) or None, timeout_s=PATIENCE_S)
    lab.roost("wait", str(broken))
    _notice_as_ever(lab)
    lab.roost("fetch", str(broken))
    return before, lab.ended(broken)


def _notice_quickly(lab: Lab) -> None:
    """Have shadows that start from now on, and starters on lab8, notice a cut within a minute."""
    for host, container in _NEAR_AND_FAR:
        lab.hosts[host].set_kernel(container, _KERNEL)
        lab.configure(host, container, QUICKLY)


def _notice_as_ever(lab: Lab) -> None:
    for host, container in _NEAR_AND_FAR:
        lab.configure(host, container, "")


@contextmanager
def _unplugged(lab: Lab, *names: str) -> Iterator[None]:
    """The seconds of the jobs there begin with it."""
    for name in names:
        lab.hosts[name].docker("exec", f"roost-execute-{name}", "touch", _BEGUN)
    plugs = [lab.hosts[name].plug for name in names]
    try:
        for plug in plugs:
            plug.pull()
        yield
    finally:
        for plug in plugs:
            plug.push()


def _disconnected(lab: Lab) -> list[dict[str, Any]]:
    """What ``roost jobs`` shows of jobs that are out of reach."""
    return [job for job in json.loads(lab.roost("jobs", "--json")) if job["disconnected"]]


def _running(lab: Lab, cluster: int, node: str, count: int) -> dict[str, str]:
    def there() -> dict[str, str] | None:
        running = lab.running(cluster, node)
        return running if len(running) == count else None

    return wait_for(f"{count} of cluster {cluster} run on {node}", there, timeout_s=PATIENCE_S)


def _disconnected_one(lab: Lab, job: str) -> dict[str, Any]:
    def shown() -> dict[str, Any] | None:
        return next((one for one in _disconnected(lab) if one["id"] == job), None)

    return wait_for("it is out of reach", shown, timeout_s=PATIENCE_S)


def _look(lab: Lab, leased: int) -> Look:
    job = f"{leased}.0"
    told = _disconnected_one(lab, job)
    findings = wait_for("the doctor names it", lambda: _named(lab), timeout_s=PATIENCE_S)
    wait_for("it ends elsewhere", lambda: lab.ended(leased) or None, timeout_s=PATIENCE_S)
    (run,) = lab.ended(leased).values()
    return Look(job, told, findings, run)


def _named(lab: Lab) -> list[dict[str, Any]] | None:
    """What the doctor finds, once a job that is out of reach is in it."""
    told = json.loads(lab.hosts["head"].run("roost", "doctor", "--json", cwd=lab.cwd).stdout)
    findings: list[dict[str, Any]] = told["findings"]
    return findings if any(one["cause"] == "job-disconnected" for one in findings) else None


def _top(lab: Lab) -> str:
    """The processes on lab8."""
    return lab.hosts["lab8"].docker("top", "roost-execute-lab8")
