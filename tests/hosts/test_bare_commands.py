"""The commands of docs/hosts.md on two hosts that have an engine and the images, and nothing of Roost."""

from __future__ import annotations

import re

import pytest

from tests.hosts.approval import await_requests, requests
from tests.hosts.host import Host
from tests.hosts.jobs import run_jobs
from tests.hosts.pages import steps_on, type_in

ASKING = 3


@pytest.fixture
def two(cleared: list[Host]) -> tuple[Host, Host]:
    return cleared[0], cleared[1]


def test_the_bare_commands_make_a_pool_of_two_hosts(two: tuple[Host, Host]) -> None:
    alpha, beta = two
    on = {"alpha": alpha, "beta": beta}
    for step in steps_on(on):
        if "roost-node approve" in step.command:
            await_requests(alpha, [beta], ASKING)
        type_in(step, on, lambda: list(requests(alpha)))
    executors = beta.docker("ps", "--quiet", "--filter", "ancestor=roost-execute").split()
    outputs = beta.docker("exec", "condorsubmit", "sh", "-c", "cat /tmp/host.*").split()
    assert len(outputs) == 20
    assert set(outputs) == set(executors)
    told = alpha.log("condormaster")
    for node in ("submit", "execute", "execute"):
        assert re.search(rf"a person let {node}-\w+@roost.pool at {beta.address} in", told)
    submit = beta.log("condorsubmit")
    assert f"joined the master at {alpha.address}:9618" in submit
    assert f"reach this node through the master at {alpha.address}:9618" in submit

    alpha.docker("stop", "condormaster")
    alpha.docker("start", "condormaster")
    assert run_jobs(beta, "condorsubmit", 4) <= set(executors)

    before = addresses(beta)
    beta.docker("stop", *executors, "condorsubmit")
    beta.docker("start", *executors)
    beta.docker("start", "condorsubmit")
    assert addresses(beta) != before
    assert run_jobs(beta, "condorsubmit", 4) <= set(executors)
    assert requests(alpha) == {}, "nobody had to ask again"


def addresses(host: Host) -> dict[str, str]:
    """Of each container, on its engine's bridge."""
    running = host.docker("ps", "--quiet").split()
    form = "{{.Id}} {{.NetworkSettings.IPAddress}}"
    lines = host.docker("inspect", "--format", form, *running).splitlines()
    return dict(line.split() for line in lines)


@pytest.mark.parametrize("text", ["head.example.org", "192.0.2.1:9618", "127.0.0.1"])
def test_a_wrong_address_ends_the_node_with_a_line(two: tuple[Host, Host], text: str) -> None:
    done = two[0].run("docker", "run", "--rm", "-e", f"ADDRESS={text}", "roost-master")
    assert done.returncode == 1
    (line,) = (line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line)
    assert f"ADDRESS is '{text}'" in line
