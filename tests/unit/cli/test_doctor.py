"""``roost doctor`` on the terminal."""

from __future__ import annotations

import json

import click

from roost.cli.output.diagnosis import render_diagnosis
from roost.pool.doctor import Cause, Diagnosis, Finding
from tests.unit.cli.conftest import Roost

PAUSED = Finding(Cause.CONTAINER_PAUSED, "it is paused", "`docker unpause x`", nodes=("execute-1",))
BUSY = Finding(Cause.SLOTS_BUSY, "9 jobs wait", "wait", jobs=tuple(f"1.{n}" for n in range(9)))


def diagnosis(*findings: Finding) -> Diagnosis:
    jobs = {"idle": 9, "running": 1, "held": 0}
    return Diagnosis("lab", "docker", ("master", "submit", "execute-1"), jobs, findings)


def plain(shown: Diagnosis) -> str:
    return click.unstyle(render_diagnosis(shown))


def test_nothing_is_wrong() -> None:
    line = "3 nodes, 10 jobs (9 idle, 1 running): nothing is wrong"
    assert plain(diagnosis()) == line
    assert plain(diagnosis(BUSY)).splitlines() == [
        line,
        "jobs 1.0, 1.1, 1.2, 1.3, ...: info: all fitting slots are busy",
        "    seen: 9 jobs wait",
        "    mend: wait",
    ]


def test_what_it_is_about_comes_first() -> None:
    pool = Finding(Cause.ROLE_MISSING, "none", "`roost up`")
    assert plain(diagnosis(PAUSED, pool)).splitlines() == [
        "execute-1: error: its container is paused",
        "    seen: it is paused",
        "    mend: `docker unpause x`",
        "pool lab: error: the pool has no node of a role",
        "    seen: none",
        "    mend: `roost up`",
    ]


def test_an_error_is_exit_code_1(roost: Roost) -> None:
    done = roost("doctor")
    assert done.exit_code == 1
    assert done.stdout.startswith("pool roost: error: there is no such pool\n")
    assert done.stderr == ""


def test_json(roost: Roost) -> None:
    done = roost("doctor", "--json", "--pool", "lab")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["pool"], told["healthy"]) == ("lab", False)
    assert [one["cause"] for one in told["findings"]] == ["no-pool"]


def test_a_broken_pool_is_no_error_of_the_command(roost: Roost) -> None:
    assert roost("up", "-n", "1").exit_code == 0
    done = roost("doctor")
    assert done.exit_code == 0, done.stdout
    assert "the node is of another version of Roost" in done.stdout
