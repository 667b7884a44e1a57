"""The commands of docs/hosts.md on two hosts that have an engine and the images, and nothing of Roost."""

from __future__ import annotations

import re

import pytest

from roost.waiting import wait_for
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S, run_jobs
from tests.hosts.pages import CODE, steps_on, type_in

REQUEST = re.compile(rf"({CODE.pattern})  (\S+)@")
LET_IN = re.compile(r"a person let (\S+)@")
ASKING = 3


@pytest.fixture
def two(cleared: list[Host]) -> tuple[Host, Host]:
    return cleared[0], cleared[1]


def requests(alpha: Host) -> dict[str, str]:
    """Who asks to join, by code: a node that did not hear from its master for long asks again."""
    asked = alpha.docker("exec", "condormaster", "roost-node", "approve", check=False)
    return dict(REQUEST.findall(asked))


def everybody_asks(alpha: Host, beta: Host) -> None:
    """Wait until all nodes ask, or have been let in."""

    def look() -> bool | None:
        asking = {*requests(alpha).values(), *LET_IN.findall(alpha.log("condormaster"))}
        return len(asking) == ASKING or None

    def logs() -> str:
        last = {node: beta.log(node)[-900:] for node in beta.docker("ps", "-aq").split()}
        return f"{requests(alpha)} {last}"

    wait_for("all nodes ask to join", look, timeout_s=PATIENCE_S, last_seen=logs)


def test_the_bare_commands_make_a_pool_of_two_hosts(two: tuple[Host, Host]) -> None:
    alpha, beta = two
    on = {"alpha": alpha, "beta": beta}
    for step in steps_on(on):
        if "roost-node approve" in step.command:
            everybody_asks(alpha, beta)
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
