"""``roost doctor`` on the terminal."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import click

from roost.cli.output.diagnosis import render_diagnosis
from roost.cli.output.ways import render_network
from roost.engines.protocol import ExecResult
from roost.nodefacts import Reach
from roost.pathfacts import Answer, NetworkFacts, Path, Peer
from roost.pathverdict import find_problems
from roost.pool.doctor import Cause, Diagnosis, Finding
from roost.pool.doctor.network import NetworkReport
from tests.unit.cli.conftest import Roost
from tests.unit.cli.fakepool import FakePool

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


def network_report(*paths: Path, **changes: Any) -> NetworkReport:
    return NetworkReport("lab", "docker", paths, find_problems(paths), **changes)


WAY = Path(
    "execute-1", "submit", "192.0.2.7:9618", reach=Reach.CONNECTED, answer=Answer.REFUSED, mtu=1500
)


def test_ways_that_serve() -> None:
    report = network_report(WAY, elsewhere=(Peer("submit", "submit", "lab7"), Peer("x", "execute")))
    head, way, empty, verdict, note = click.unstyle(render_network(report)).splitlines()
    assert head.startswith("FROM       TO      AT              WAY     RESOLVED")
    assert way.split()[:3] == ["execute-1", "submit", "192.0.2.7:9618"]
    assert (empty, verdict) == ("", "1 way from here: all that jobs need serve")
    assert note.startswith("Nodes of other hosts: submit (lab7), x. Ways to them")


def test_a_way_that_fails() -> None:
    silent = replace(WAY, reach=Reach.SILENT, detail="no answer", answer=Answer.UNASKED)
    report = network_report(silent, unmeasured=(("execute-2", "its container is exited"),))
    shown = click.unstyle(render_network(report)).splitlines()
    assert shown[3:5] == [
        "execute-1 -> submit: error",
        "    seen: nothing comes back from 192.0.2.7:9618: no answer",
    ]
    assert shown[-1] == "execute-2: error: its container is exited"


def test_the_network_of_a_pool_that_is_not_there(roost: Roost) -> None:
    done = roost("doctor", "--network")
    assert done.exit_code == 1
    assert "there is no pool" in done.stderr


def test_the_network_as_json(roost: Roost, pool: FakePool) -> None:
    facts = NetworkFacts("any", "execute", "roost", (WAY,), (Peer("submit", "submit"),))
    answer = ExecResult(0, json.dumps(asdict(facts)).encode(), b"")
    pool.answers["network"] = lambda _container, _argv: answer
    assert roost("up", "-n", "1").exit_code == 0
    done = roost("doctor", "--network", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["healthy"]) == (0, True)
    assert {path["contact"] for path in told["paths"]} == {"192.0.2.7:9618"}
