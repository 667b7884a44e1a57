"""A pool of three hosts that have Roost: the commands of docs/hosts.md, work on all of them, and a cut."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from roost.waiting import wait_for
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.pages import steps_on, type_in

JOBS = 100
WORK = f"""
executable = /bin/sh
transfer_executable = false
arguments = "-c 'cat in.$(Process) > out.$(Process); hostname >> out.$(Process)'"
transfer_input_files = in.$(Process)
transfer_output_files = out.$(Process)
log = log
queue {JOBS}
"""
LOOK = """
executable = /bin/sh
transfer_executable = false
arguments = "-c 'while ! test -e enough; do sleep 0.2; done'"
requirements = regexp("lab7", Machine)
queue
"""
CUT_S = 60.0
SLEEPS_S = [75, 30, 75, 30, 75, *[3] * 10]
"""More than there are slots: some jobs outlive the cut, some end in it, and some start after it."""
SLEEP = f"""
executable = /bin/sleep
transfer_executable = false
arguments = $(seconds)
queue seconds in ({" ".join(map(str, SLEEPS_S))})
"""


class Lab:
    """The three hosts of the page, by their names there."""

    def __init__(self, hosts: Mapping[str, Host], cwd: Path) -> None:
        self.hosts = hosts
        self.cwd = cwd

    def roost(self, *arguments: str, on: str = "head") -> str:
        """What ``roost`` prints on a host. Raises AssertionError where it fails."""
        done = self.hosts[on].run("roost", *arguments, cwd=self.cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def nodes(self) -> dict[str, dict[str, Any]]:
        """What ``roost status`` on head says of each node."""
        seen = json.loads(self.roost("status", "--json"))
        return {node["name"]: node for node in seen["nodes"]}

    def write(self, name: str, text: str) -> None:
        """A file in the directory where commands are typed."""
        (self.cwd / name).write_text(text)


@pytest.fixture(scope="module")
def lab(hosts: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The pool that the page makes; nothing of it is left afterwards."""
    on = dict(zip(("head", "lab7", "lab8"), hosts, strict=True))
    cwd = tmp_path_factory.mktemp("lab")
    try:
        for step in steps_on(on):
            type_in(step, on, cwd=cwd)
        yield Lab(on, cwd)
    finally:
        for host in hosts:
            host.plug.push()
            host.clear()


def test_jobs_with_files_run_on_every_host(lab: Lab) -> None:
    for number in range(JOBS):
        lab.write(f"in.{number}", f"job {number}\n")
    lab.write("work.sub", WORK)
    lab.roost("submit", "--wait", "work.sub")
    outputs = [(lab.cwd / f"out.{number}").read_text().splitlines() for number in range(JOBS)]
    assert [output[0] for output in outputs] == [f"job {number}" for number in range(JOBS)]
    assert len({output[1] for output in outputs}) == 3, "an executor of each host has run some"


def test_status_shows_where_nodes_run_and_how_they_are_reached(lab: Lab) -> None:
    head, lab7, lab8 = (host.name for host in lab.hosts.values())
    nodes = lab.nodes()
    assert {name: (one["host"], one["here"], one["reach"]) for name, one in nodes.items()} == {
        "master": (head, True, "address"),
        "submit": (head, True, "address"),
        "execute-1": (head, True, "master"),
        "execute-lab7": (lab7, False, "master"),
        "execute-lab8": (lab8, False, "master"),
    }


def test_what_only_the_other_host_can_do(lab: Lab) -> None:
    for command in (["exec", "execute-lab7", "--", "true"], ["logs", "execute-lab7"]):
        refused = lab.hosts["head"].run("roost", *command, cwd=lab.cwd)
        assert refused.returncode == 1
        assert f"execute-lab7 of pool roost runs on {lab.hosts['lab7'].name}" in refused.stderr
    there = lab.roost("logs", "execute-lab7", on="lab7")
    assert "joined the master" in there
    assert "reach this node through the master" in there


def test_a_cut_of_a_minute_under_load_costs_no_job_its_work(lab: Lab) -> None:
    lab.write("sleep.sub", SLEEP)
    (cluster,) = json.loads(lab.roost("submit", "sleep.sub", "--json"))["clusters"]

    def busy() -> list[str] | None:
        """The jobs that lab7 has begun to run, once both of its slots have."""
        shown = lab.roost("exec", "submit", "--", *_started(cluster)).splitlines()
        there = [job for job, slot, at in map(str.split, shown) if "lab7" in slot and at.isdigit()]
        return there if len(there) == 2 else None

    cut_off = wait_for("two jobs run on lab7", busy, timeout_s=PATIENCE_S)
    plug = lab.hosts["lab7"].plug
    plug.pull()
    time.sleep(CUT_S)
    plug.push()
    lab.roost("wait", str(cluster))
    history = ["condor_history", str(cluster), "-af", "ProcId", "NumJobStarts", "ExitCode"]
    told = lab.roost("exec", "submit", "--", *history, "LastRemoteHost").splitlines()
    ended = {job: (int(starts), int(code)) for job, starts, code, _ in map(str.split, told)}
    assert ended == {str(process): (1, 0) for process in range(len(SLEEPS_S))}
    assert len(told) == len(SLEEPS_S), "each has ended once"
    ended_on_lab7 = {line.split()[0] for line in told if "lab7" in line}
    assert set(cut_off) <= ended_on_lab7, "those that were cut off went on where they were"


def _started(cluster: int) -> list[str]:
    attributes = ["ProcId", "RemoteHost", "JobCurrentStartExecutingDate"]
    return [
        "condor_q",
        str(cluster),
        "-allusers",
        "-constraint",
        "JobStatus == 2",
        "-af",
        *attributes,
    ]


def test_one_can_look_into_a_job_of_another_host(lab: Lab) -> None:
    lab.write("look.sub", LOOK)
    (cluster,) = json.loads(lab.roost("submit", "look.sub", "--json"))["clusters"]
    look = ["exec", "submit", "--", "condor_ssh_to_job", "-auto-retry", str(cluster)]
    seen = lab.roost(*look, "id -un; ls .job.ad; touch enough").splitlines()
    assert "slot1_1" in seen
    assert ".job.ad" in seen
    lab.roost("wait", str(cluster))


def test_a_node_of_another_host_that_stops_is_gone(lab: Lab) -> None:
    lab.hosts["lab8"].docker("stop", "roost-execute-lab8")

    def gone() -> bool | None:
        return "execute-lab8" not in lab.nodes() or None

    wait_for("the master knows it no more", gone, timeout_s=PATIENCE_S)


def test_a_submit_node_that_no_executor_reaches_says_so_when_it_joins(lab: Lab) -> None:
    lab.write("more", lab.roost("invite", "submit"))
    joined = lab.hosts["lab8"].run("roost", "join", "--node", "far", "more", cwd=lab.cwd)
    assert joined.returncode == 0, joined.stderr
    assert "no job will run between this node and execute-" in joined.stderr
    assert "execute-lab7 (" in joined.stderr
    assert "Publish the submit node's port" in joined.stderr
