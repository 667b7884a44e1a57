"""Executors behind a router that lets nothing in, by the commands of docs/hosts-nat.md; a submit node behind
another router."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from roost import contract
from roost.contract import Role
from roost.spec import Suite
from roost.waiting import wait_for
from tests.enginehost import HostError
from tests.hosts.approval import await_requests, let_in, requests
from tests.hosts.bench import Bench
from tests.hosts.conftest import images_of
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S, run_jobs
from tests.hosts.pages import steps_on, type_in

PAGE = "docs/hosts-nat.md"
NAMES = ("head", "lab", "office")


@pytest.fixture(scope="module")
def places(bench: Bench, hosts: list[Host]) -> Iterator[dict[str, Host]]:
    """A host that all reach, and two behind routers of their own, by their names on the page."""
    inside = bench.hosts("lab", "office", behind_router=True)
    on = dict(zip(NAMES, (hosts[0], *inside), strict=True))
    try:
        yield on
    finally:
        for host in on.values():
            host.clear()


@pytest.fixture(scope="module")
def pool(places: dict[str, Host]) -> dict[str, Host]:
    """The pool that the page makes, after all that it does."""
    for step in steps_on(places, PAGE):
        if "roost-node approve" in step.command:
            await_requests(places["head"], [], 2)
        type_in(step, places, lambda: list(requests(places["head"])))
    return places


def test_jobs_behind_a_router_can_be_looked_at(pool: dict[str, Host]) -> None:
    head, lab = pool["head"], pool["lab"]
    assert "reach this node through the master" in lab.log("condorexecute")
    assert contract.APART_WORDS not in lab.log("condorexecute")
    ran = head.docker("exec", "condorsubmit", "condor_history", "-af", "LastRemoteHost")
    assert ran.strip() == f"slot1_1@{node_of(lab, 'condorexecute')}.roost.pool"
    ask = f"import socket; socket.create_connection(('{lab.address}', 9618), timeout=2)"
    with pytest.raises(HostError, match=r"unreachable|timed out"):
        head.namespace.run("python3", "-c", ask)


def test_a_node_that_no_job_will_reach_says_so_when_it_joins(pool: dict[str, Host]) -> None:
    head, office = pool["head"], pool["office"]
    office.docker("run", "-d", "--name=far", "-e", f"MASTER={head.address}", "roost-submit")
    let_in(head, [], 3)
    line = wait_for_line(office, "far", contract.APART_WORDS)
    assert " WARNING " in line
    assert f"{contract.APART_WORDS} {node_of(pool['lab'], 'condorexecute')} (" in line
    assert "Publish the submit node's port and tell it its ADDRESS" in line


@pytest.fixture
def newer(bench: Bench, places: dict[str, Host]) -> dict[Role, str]:
    """The images of the newer HTCondor, on hosts without any container."""
    for host in places.values():
        host.clear()
    with images_of(Suite.FORKY) as images:
        bench.add_images(images, list(places.values()))
    return dict(zip(Role, images, strict=True))


def test_both_behind_routers_of_their_own_with_newer_htcondor(
    places: dict[str, Host], newer: dict[Role, str]
) -> None:
    head, lab, office = places.values()
    address = ("-e", f"ADDRESS={head.address}")
    head.docker(
        *("run", "-d", "--name=condormaster", "-p", "9618:9618", *address, newer[Role.MASTER])
    )
    told = ("-e", f"MASTER={head.address}")
    lab.docker("run", "-d", "--name=condorexecute", *told, newer[Role.EXECUTE])
    let_in(head, [], 1)
    wait_for_line(lab, "condorexecute", "joined the master")
    office.docker("run", "-d", "--name=condorsubmit", *told, newer[Role.SUBMIT])
    let_in(head, [], 2)
    ran_on = run_jobs(office, "condorsubmit", 4)
    assert {f"execute-{name}" for name in ran_on} == {node_of(lab, "condorexecute")}
    for host, node in ((lab, "condorexecute"), (office, "condorsubmit")):
        assert "reach this node through the master" in host.log(node)
        assert contract.APART_WORDS not in host.log(node)


def node_of(host: Host, container: str) -> str:
    """What a node calls itself in its log."""
    found = re.search(r"this is (\S+), ", host.log(container))
    assert found
    return found[1]


def wait_for_line(host: Host, container: str, words: str) -> str:
    """The first line of a log with these words in it."""

    def find() -> str | None:
        return next((line for line in host.log(container).splitlines() if words in line), None)

    return wait_for(
        f"{container} says it",
        find,
        timeout_s=PATIENCE_S,
        last_seen=lambda: host.log(container)[-900:],
    )
