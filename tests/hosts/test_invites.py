"""A pool of three hosts that have Roost: the commands of docs/hosts.md, work on all of them, and a cut."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator

import pytest

from roost.invitation import decode
from roost.spec import Suite
from roost.waiting import wait_for
from tests.hosts.cut import LEASE_S, USUAL_S, Cut, break_connection, cut_off, first_run_has_ended
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.lab import Lab
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


@pytest.fixture(scope="module")
def cut(lab: Lab) -> Cut:
    return cut_off(lab)


def test_a_cut_of_a_minute_under_load_costs_no_job_its_work(cut: Cut) -> None:
    assert len(cut.ended) == len(USUAL_S)
    assert {(run.starts, run.exit_code) for run in cut.ended.values()} == {("1", "0")}
    assert {job: cut.ended[job].began for job in cut.before} == cut.before


def test_a_job_whose_lease_ends_in_the_cut_starts_anew_elsewhere(lab: Lab, cut: Cut) -> None:
    assert "execute-1" in cut.look.run.host
    assert (cut.look.run.starts, cut.look.run.exit_code) == ("2", "0")
    first_run_has_ended(lab)


def test_such_a_job_is_reported(lab: Lab, cut: Cut) -> None:
    assert cut.look.shown["state"] == "running"
    assert "execute-lab8" in cut.look.shown["host"]
    (finding,) = (one for one in cut.look.findings if one["cause"] == "job-disconnected")
    assert cut.look.job in finding["jobs"]
    assert "execute-lab8, which has not been heard for" in finding["seen"]
    assert f"JobLeaseDuration ({LEASE_S} seconds) expired" in lab.roost("logs")
    assert "No reconnect from shadow" in lab.roost("logs", "execute-lab8", on="lab8")


def test_a_job_that_is_found_again_after_its_connection_broke_hands_in_its_output(lab: Lab) -> None:
    before, ended = break_connection(lab)
    assert {job: run.began for job, run in ended.items()} == before
    assert {run.exit_code for run in ended.values()} == {"0"}
    assert (lab.cwd / "made").read_text() == "made in the cut\n"
    assert "the schedd starts anew, so that their output is taken in" in lab.roost("logs", "submit")


def test_no_slot_is_left_that_was_given_up_in_the_cut(lab: Lab, cut: Cut) -> None:
    def gone() -> bool | None:
        wanted = ["-constraint", 'SlotType == "Dynamic"', "-af", "Name", "State"]
        return None if lab.roost("exec", "master", "--", "condor_status", *wanted) else True

    wait_for("the slots of the cut are gone", gone, timeout_s=2 * PATIENCE_S)


def test_one_can_look_into_a_job_of_another_host(lab: Lab) -> None:
    lab.write("look.sub", LOOK)
    (cluster,) = json.loads(lab.roost("submit", "look.sub", "--json"))["clusters"]
    look = ["exec", "submit", "--", "condor_ssh_to_job", "-auto-retry", str(cluster)]
    for _ in range(3):
        seen = lab.roost(*look, "id -un; ls .job.ad; touch enough").splitlines()
        assert "slot1_1" in seen
        assert ".job.ad" in seen
        wait = ("roost", "wait", "--timeout", "60", str(cluster))
        if lab.hosts["head"].run(*wait, cwd=lab.cwd).returncode == 0:
            return
        # Seen once, of many: it ran anew, as after a connection that broke. Here is what to look at.
        submit = lab.hosts["head"].log("roost-submit").splitlines()
        story = [line for line in submit if f"({cluster}.0)" in line or f" {cluster}.0" in line]
        warnings.warn(f"job {cluster} did not end:\n" + "\n".join(story[-60:]), stacklevel=1)
    pytest.fail(f"job {cluster} does not end")


def test_a_node_of_another_host_that_stops_is_gone(lab: Lab) -> None:
    lab.hosts["lab8"].docker("stop", "roost-execute-lab8")

    def gone() -> bool | None:
        return "execute-lab8" not in lab.nodes() or None

    wait_for("the master knows it no more", gone, timeout_s=PATIENCE_S)


def test_a_submit_node_that_no_executor_reaches_says_so_when_it_joins(lab: Lab) -> None:
    invite = lab.roost("invite", "submit")
    assert decode(invite).suite == Suite.TRIXIE, "of the master's image"
    lab.write("more", invite)
    joined = lab.hosts["lab8"].run("roost", "join", "--node", "far", "more", cwd=lab.cwd)
    assert joined.returncode == 0, joined.stderr
    assert "no job will run between this node and execute-" in joined.stderr
    assert "execute-lab7 (" in joined.stderr
    assert "Publish the submit node's port" in joined.stderr
