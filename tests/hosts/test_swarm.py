"""The commands of docs/hosts-swarm.md: a pool as a stack on a Docker Swarm of two hosts, which is scaled
under load, and loses one of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest

from tests.hosts.bench import Bench
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.leftovers import end_processes
from tests.hosts.pages import steps_on, type_in
from tests.hosts.swarm import Stack, all_run, join_swarm

PAGE = "docs/hosts-swarm.md"
POOL = "lab"
POOL_FILE = """
version = 1
[htcondor.master]
config = "CLASSAD_LIFETIME = 25"
"""
"""Lost executors are forgotten within 25 to 50 seconds: just more than passes between two updates."""


@pytest.fixture(scope="module")
def doomed(bench: Bench) -> Host:
    """A host that does not live to the end of these tests."""
    (host,) = bench.hosts("doomed")
    return host


@pytest.fixture(scope="module")
def stack(
    hosts: list[Host], doomed: Host, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    manager = hosts[0]
    cwd = tmp_path_factory.mktemp("stack")
    (cwd / "roost.toml").write_text(POOL_FILE)
    try:
        for step in steps_on({"alpha": manager}, PAGE):
            type_in(step, {"alpha": manager}, cwd=cwd)
            if "swarm init" in step.command:
                join_swarm(manager, doomed)
        made = Stack(POOL, manager)
        made.wait_executors(6)
        yield made
    finally:
        manager.docker("swarm", "leave", "--force", check=False)
        manager.clear()


def test_executors_are_on_both_hosts_and_jobs_have_run(stack: Stack, doomed: Host) -> None:
    hosts = [host for host, _ in stack.tasks()]
    assert {host: hosts.count(host) for host in hosts} == {stack.manager.name: 3, doomed.name: 3}
    outputs = stack.on_submit("sh", "-c", "cat host.*").split()
    assert len(outputs) == 8
    assert {f"execute-{name}.{POOL}.pool" for name in outputs} <= stack.executors().keys()


def test_nodes_tell_their_address_on_the_network_of_the_stack(stack: Stack) -> None:
    form = "{{(index .IPAM.Config 0).Subnet}}"
    asked = stack.manager.docker("network", "inspect", "--format", form, f"{POOL}_pool")
    subnet = ipaddress.ip_network(asked.strip())
    addresses = [address[1:].partition(":")[0] for address in stack.executors().values()]
    assert len(addresses) == 6
    assert all(ipaddress.ip_address(address) in subnet for address in addresses)


def test_fewer_executors_cost_no_running_job_its_work(stack: Stack) -> None:
    cluster = stack.submit(40, 6)
    stack.wait_jobs(cluster, "six jobs run", all_run(6), PATIENCE_S)
    stack.scale(1)
    stack.wait_jobs(cluster, "all jobs have ended", lambda jobs: not jobs, PATIENCE_S)
    assert stack.ended(cluster) == [(process, 1, 0) for process in range(6)]
    stack.wait_executors(1)


def test_a_drained_host_costs_no_running_job_its_work(stack: Stack, doomed: Host) -> None:
    stack.scale(4)
    stack.wait_executors(4)
    cluster = stack.submit(40, 4)
    stack.wait_jobs(cluster, "four jobs run", all_run(4), PATIENCE_S)
    assert stack.names_on(doomed)
    stack.set_availability(doomed, "drain")
    stack.wait_tasks_on_manager(4)
    stack.wait_jobs(cluster, "all jobs have ended", lambda jobs: not jobs, PATIENCE_S)
    assert stack.ended(cluster) == [(process, 1, 0) for process in range(4)]
    stack.set_availability(doomed, "active")
    stack.scale(1)
    stack.wait_executors(1)


def test_executors_of_a_lost_host_come_back_on_another(stack: Stack, doomed: Host) -> None:
    stack.scale(4)
    stack.wait_executors(4)
    cluster = stack.submit(30, 4, "job_lease_duration = 15")
    stack.wait_jobs(cluster, "four jobs run", all_run(4), PATIENCE_S)
    names = stack.names_on(doomed)
    there = {
        one["ProcId"]
        for one in stack.jobs(cluster)
        if any(name in one["RemoteHost"] for name in names)
    }
    end_processes(doomed.namespace)
    stack.wait_tasks_on_manager(4)
    stack.wait_jobs(cluster, "all jobs have ended", lambda jobs: not jobs, PATIENCE_S)
    ended = stack.ended(cluster)
    assert [(process, code) for process, _, code in ended] == [(n, 0) for n in range(4)]
    again = {process for process, starts, _ in ended if starts > 1}
    assert again <= there, "only jobs of the lost host have started twice"
    assert there
