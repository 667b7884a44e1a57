"""The commands of docs/hosts-routed.md where no two containers share a network and no resolver answers."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Iterator

import pytest

from roost.waiting import wait_for
from tests.enginehost import HostError
from tests.hosts.approval import await_requests, requests
from tests.hosts.fabric import MTU
from tests.hosts.jobs import PATIENCE_S, run_jobs
from tests.hosts.pages import steps_on, type_in
from tests.hosts.podman import PodmanHost
from tests.hosts.test_bench import ask, serving

PAGE = "docs/hosts-routed.md"
NETWORK = "198.18.96.0/19"
"""What the fabric's blocks are of; 192.0.2.0/24 on the page."""


@pytest.fixture(scope="module")
def pool(routed_hosts: list[PodmanHost]) -> Iterator[tuple[PodmanHost, PodmanHost]]:
    """The pool that the page makes, whose jobs have run; nothing of it is left afterwards."""
    alpha, beta = routed_hosts
    try:
        for step in steps_on({"alpha": alpha, "beta": beta}, PAGE):
            if "roost-node approve" in step.command:
                await_requests(alpha, [alpha, beta], 3)
            # The page's addresses of containers are of no host.
            master = dataclasses.replace(alpha, address=alpha.container_address("condormaster"))
            step = dataclasses.replace(step, command=step.command.replace("192.0.2.0/24", NETWORK))
            type_in(step, {"alpha": master, "beta": beta}, lambda: list(requests(alpha)))
        yield alpha, beta
    finally:
        for host in routed_hosts:
            host.plug.push()
            host.clear()


def test_the_fabric_is_one(pool: tuple[PodmanHost, PodmanHost]) -> None:
    alpha, _ = pool
    seen = ["sh", "-c", "cat /sys/class/net/eth0/mtu; tail -n +2 /proc/net/route"]
    mtu, *routes = alpha.docker("exec", "condorsubmit", *seen).splitlines()
    assert int(mtu) == MTU
    alone = [line.split() for line in routes]
    masks = {fields[1]: fields[7] for fields in alone if fields[2] == "00000000"}
    assert masks == {"0101FEA9": "FFFFFFFF"}, "its gateway is all that is on its link"
    lookup = ["timeout", "1", "getent", "hosts", "node.example.org"]
    done = alpha.run("podman", "exec", "condorsubmit", *lookup)
    assert done.returncode == 124, "nobody answers, not even that there is no such name"


def test_jobs_ran_without_a_broker(pool: tuple[PodmanHost, PodmanHost]) -> None:
    alpha, beta = pool
    executors = beta.docker("ps", "--quiet").split()
    asked = ["condor_history", "-af", "LastRemoteHost", "ExitCode", "TransferInputSizeMB"]
    told = alpha.docker("exec", "condorsubmit", *asked).splitlines()
    assert len(told) == 4
    assert {tuple(line.split()[1:]) for line in told} == {("0", "47")}
    assert all(any(node in line for node in executors) for line in told)
    ads = ["condor_status", "-any", "-af", "MyAddress"]
    addresses = alpha.docker("exec", "condormaster", *ads)
    assert addresses.count("<198.18.102.") >= 4
    assert "CCBID" not in addresses
    assert "CCBClient: WARNING" not in alpha.log("condorsubmit")
    assert f"at its own address, of the network {NETWORK}" in alpha.log("condorsubmit")


def test_each_way_is_direct_and_carries_packets_of_1400_bytes(
    pool: tuple[PodmanHost, PodmanHost],
) -> None:
    alpha, beta = pool
    nodes = [(alpha, "condormaster"), (alpha, "condorsubmit")]
    nodes += [(beta, container) for container in beta.docker("ps", "--quiet").split()]
    for host, container in nodes:
        done = host.run("podman", "exec", container, "roost-node", "network")
        assert done.returncode == 0, done.stdout + done.stderr
        _, *ways, _ = done.stdout.splitlines()
        assert len(ways) == (2 if host is beta else 3)
        for way in ways:
            columns = way.split()
            assert columns[3:7] == ["direct", "-", "gateway", "connected"]
            least, _, most = map(float, columns[7].split("/"))
            assert 0 <= least <= most
            assert columns[8] == str(MTU)
            assert columns[-1] in ("answers", "granted")


def test_an_executor_that_has_another_address(pool: tuple[PodmanHost, PodmanHost]) -> None:
    alpha, beta = pool
    before = beta.container_address("condorexecute")
    beta.docker("stop", "--time=5", *beta.docker("ps", "--quiet").split())
    beta.docker("start", "condorexecute")
    assert beta.container_address("condorexecute") != before
    executor = beta.docker("exec", "condorexecute", "hostname").strip()
    assert run_jobs(alpha, "condorsubmit", 2) == {executor}


def test_an_address_of_another_network_ends_the_node(pool: tuple[PodmanHost, PodmanHost]) -> None:
    _, beta = pool
    other = "192.0.2.0/24"
    done = beta.run("podman", "run", "--rm", "-e", f"ADDRESS={other}", "roost-master")
    assert done.returncode == 1
    (line,) = (line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line)
    assert f"ADDRESS is '{other}', but this node has no address of that network, only" in line
    (own,) = (word.rstrip(":") for word in line.split() if word.startswith("198.18."))
    assert ipaddress.ip_address(own) in ipaddress.ip_network(beta.blocks.ipv4)


def test_a_cut_of_the_fabric_is_silent_and_heals(pool: tuple[PodmanHost, PodmanHost]) -> None:
    alpha, beta = pool
    with serving(beta.namespace):
        beta.plug.pull()
        with pytest.raises(HostError, match="timed out"):
            ask(alpha.namespace, beta.address)
        beta.plug.push()

        def answered() -> str | None:
            try:
                return ask(alpha.namespace, beta.address)
            except HostError:
                return None

        assert wait_for("it is healed", answered, timeout_s=PATIENCE_S) == alpha.address
