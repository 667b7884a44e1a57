"""The commands of docs/hosts-ipv6.md: a pool without IPv4, and one whose nodes use the one or the other."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator

import pytest

from roost.waiting import wait_for
from tests.hosts.approval import let_in
from tests.hosts.bench import Bench
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S, run_jobs
from tests.hosts.pages import steps_on, type_in
from tests.hosts.podman import PodmanHost

PAGE = "docs/hosts-ipv6.md"
GET = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
ADDRESS = "{{.NetworkSettings.Networks.both.IPAddress}}"
NODES = ["condor_status", "-any", "-constraint", 'MyType == "DaemonMaster"', "-af"]


@pytest.fixture(scope="module")
def pool(routed_hosts: list[PodmanHost]) -> Iterator[tuple[PodmanHost, PodmanHost]]:
    """The pool without IPv4 that the page makes."""
    alpha, beta = routed_hosts
    try:
        for step in steps_on({"alpha": alpha, "beta": beta}, PAGE):
            master = alpha.container_address("condormaster")
            texts = (step.command, step.shown)
            command, shown = (text.replace("2001:db8:1::2", master) for text in texts)
            step = dataclasses.replace(step, command=command, shown=shown)
            type_in(step, {"alpha": alpha, "beta": beta})
        let_in(alpha, [alpha, beta], 2)
        yield alpha, beta
    finally:
        for host in routed_hosts:
            host.clear()


def test_jobs_run_without_ipv4(pool: tuple[PodmanHost, PodmanHost]) -> None:
    alpha, beta = pool
    executor = beta.docker("exec", "condorexecute", "hostname").strip()
    assert run_jobs(beta, "condorsubmit", 4) == {executor}
    addresses = alpha.docker("exec", "condormaster", *NODES, "MyAddress").splitlines()
    assert all(address.startswith("<[2001:2:0:") for address in addresses)
    master = alpha.container_address("condormaster")
    assert f"joined the master at [{master}]:9618" in beta.log("condorsubmit")


def test_a_node_is_asked_for_its_health(pool: tuple[PodmanHost, PodmanHost]) -> None:
    alpha, beta = pool
    place = f"http://[{alpha.container_address('condormaster')}]:9620/health"
    assert json.loads(beta.namespace.run(sys.executable, "-c", GET, place))["state"] == "healthy"


def test_an_invite_names_the_address(pool: tuple[PodmanHost, PodmanHost]) -> None:
    alpha, beta = pool
    master = alpha.container_address("condormaster")
    asking = ["roost-node", "invite", "execute", "--address", master]
    file = beta.directory / "invite"
    file.touch(mode=0o600)
    file.write_text(json.loads(alpha.docker("exec", "condormaster", *asking))["invite"])
    mount = f"{file}:/var/lib/condor/invite:ro"
    run = ["run", "-d", "--network", "routed6", "--name", "invited", "-v", mount]
    beta.docker(*run, "-e", f"MASTER={master}", "roost-execute")

    def joined() -> bool | None:
        return f"joined the master at [{master}]:9618" in beta.log("invited") or None

    wait_for("it joins", joined, timeout_s=PATIENCE_S, last_seen=lambda: beta.log("invited"))


@pytest.fixture
def dual(bench: Bench) -> Iterator[Host]:
    (host,) = bench.hosts("alpha")
    try:
        yield host
    finally:
        host.clear()


def test_one_node_by_ipv4_and_one_by_ipv6(dual: Host) -> None:
    """The executor has a second network, which comes first and nobody else is on."""
    for step in steps_on({"dual": dual}, PAGE):
        master = dual.docker("inspect", "-f", ADDRESS, "condormaster", check=False).strip()
        command = step.command.replace("192.0.2.2", master)
        if "roost-execute" in command:
            dual.docker("network", "create", "aside")
            command = command.replace("run -d --network both", "create --network aside")
            command += " && docker network connect both condorexecute && docker start condorexecute"
        type_in(dataclasses.replace(step, command=command, shown=""), {"dual": dual})
    let_in(dual, [dual], 2)
    executor = dual.docker("exec", "condorexecute", "hostname").strip()
    assert run_jobs(dual, "condorsubmit", 4) == {executor}
    told = dual.docker("exec", "condormaster", *NODES, "Name", "MyAddress").splitlines()
    assert len(told) == 3
    here = dual.docker("inspect", "-f", ADDRESS, "condorexecute").strip()
    (own,) = (line for line in told if line.startswith("execute-"))
    assert f"{here}-9618" in own
    assert "2001-db8-2--4-9618" in own.replace("[", "").replace("]", "")
