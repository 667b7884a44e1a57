"""A pool of three hosts that have Roost: the commands of docs/hosts.md, and work on all of them."""

from __future__ import annotations

import json
from pathlib import Path

from roost.waiting import wait_for
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.pages import steps_on, type_in

JOBS = 100
SUBMIT = f"""
executable = /bin/sh
transfer_executable = false
arguments = "-c 'cat in.$(Process) > out.$(Process); hostname >> out.$(Process)'"
transfer_input_files = in.$(Process)
transfer_output_files = out.$(Process)
log = log
queue {JOBS}
"""


def roost(host: Host, *arguments: str, cwd: Path) -> str:
    """What ``roost`` prints on a host. Raises AssertionError where it fails."""
    done = host.run("roost", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_three_hosts_are_one_pool(cleared: list[Host], tmp_path: Path) -> None:
    on = dict(zip(("head", "lab7", "lab8"), cleared, strict=True))
    for step in steps_on(on):
        type_in(step, on, cwd=tmp_path)
    head = on["head"]

    for number in range(JOBS):
        (tmp_path / f"in.{number}").write_text(f"job {number}\n")
    (tmp_path / "jobs.sub").write_text(SUBMIT)
    roost(head, "submit", "--wait", "jobs.sub", cwd=tmp_path)
    outputs = [(tmp_path / f"out.{number}").read_text().splitlines() for number in range(JOBS)]
    assert [output[0] for output in outputs] == [f"job {number}" for number in range(JOBS)]
    assert len({output[1] for output in outputs}) == 3, "every host has run some"

    seen = json.loads(roost(head, "status", "--json", cwd=tmp_path))
    assert {
        node["name"]: (node["host"], node["here"], node["reach"]) for node in seen["nodes"]
    } == {
        "master": (head.name, True, "address"),
        "submit": (head.name, True, "address"),
        "execute-1": (head.name, True, "master"),
        "execute-lab7": (on["lab7"].name, False, "master"),
        "execute-lab8": (on["lab8"].name, False, "master"),
    }
    for command in (["exec", "execute-lab7", "--", "true"], ["logs", "execute-lab7"]):
        refused = head.run("roost", *command, cwd=tmp_path)
        assert refused.returncode == 1
        assert f"execute-lab7 of pool roost runs on {on['lab7'].name}" in refused.stderr
    there = roost(on["lab7"], "logs", "execute-lab7", cwd=tmp_path)
    assert "joined the master" in there

    on["lab8"].docker("stop", "roost-execute-lab8")

    def gone() -> bool | None:
        nodes = json.loads(roost(head, "status", "--json", cwd=tmp_path))["nodes"]
        return "execute-lab8" not in [node["name"] for node in nodes] or None

    wait_for("a node of another host that has stopped is gone", gone, timeout_s=PATIENCE_S)
