"""A node told of a master that is none, or not its own, and what a host has but once: a line that says so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from roost.waiting import wait_for
from tests.hosts.approval import let_in, requests
from tests.hosts.bench import Bench
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S

WEB = "import http.server as h; h.HTTPServer(('', 9618), h.BaseHTTPRequestHandler).serve_forever()"


@pytest.fixture(scope="module")
def three(bench: Bench) -> Iterator[list[Host]]:
    """alpha has a master and a submit node, beta the master of another pool, gamma a web server at the
    master's port; and nodes that were told of a wrong one of them."""
    hosts = bench.hosts("alpha", "beta", "gamma")
    alpha, beta, gamma = hosts
    web = subprocess.Popen(gamma.namespace.command(sys.executable, "-c", WEB))
    try:
        for host in (alpha, beta):
            options = (
                "-v",
                "pool:/var/lib/condor",
                "-p",
                "9618:9618",
                "-e",
                f"ADDRESS={host.address}",
            )
            host.docker("run", "-d", "--name=condormaster", *options, "roost-master")
        submit = ("-p", "9619:9619", "-e", "ROOST_PORT=9619", "-e", f"ADDRESS={alpha.address}")
        start(alpha, "condorsubmit", alpha.address, *submit, image="roost-submit")
        start(gamma, "web", gamma.address)
        let_in(alpha, [], 1)
        start(gamma, "nobody", "203.0.113.1")
        start(gamma, "nomaster", f"{alpha.address}:9619")
        yield hosts
    finally:
        web.kill()
        web.wait()
        for host in hosts:
            host.clear()


def start(host: Host, name: str, master: str, *options: str, image: str = "roost-execute") -> None:
    """Start a node that is told of that master."""
    host.docker("run", "-d", f"--name={name}", "-e", f"MASTER={master}", *options, image)


def wait_for_words(host: Host, container: str, words: str) -> None:
    """Wait until a node's log has them."""
    wait_for(
        f"{container} says '{words}'",
        lambda: words in host.log(container) or None,
        timeout_s=PATIENCE_S,
        last_seen=lambda: host.log(container)[-900:],
    )


def refused(host: Host, *arguments: str) -> str:
    """The one line with which a container ends at once."""
    done = host.run("docker", "run", "--rm", *arguments)
    assert done.returncode == 1
    (line,) = (line for line in (done.stdout + done.stderr).splitlines() if " ERROR " in line)
    return line


def test_a_second_master_on_the_volume_of_the_first(three: list[Host]) -> None:
    line = refused(three[0], "-v", "pool:/var/lib/condor", "roost-master")
    assert "another container runs on this node's volume" in line


def test_a_port_of_the_host_that_is_taken(three: list[Host]) -> None:
    alpha = three[0]
    told = ("--network=host", "-e", f"MASTER={alpha.address}")
    assert "port 9618 is taken" in refused(alpha, *told, "roost-execute")


def test_a_master_of_another_pool(three: list[Host]) -> None:
    """It has the same name, and another key: a node that was let in to the one has no place in the other."""
    alpha, beta, gamma = three
    kept = ("-v", "node:/var/lib/condor", "--hostname=moved")
    start(gamma, "moved", alpha.address, *kept)

    def asks() -> list[str] | None:
        return [code for code, node in requests(alpha).items() if node == "execute-moved"] or None

    (code,) = wait_for("the node asks", asks, timeout_s=PATIENCE_S)
    alpha.docker("exec", "condormaster", "roost-node", "approve", code)
    wait_for_words(gamma, "moved", "joined the master")
    gamma.docker("rm", "--force", "moved")
    line = refused(gamma, *kept, "-e", f"MASTER={beta.address}", "roost-execute")
    assert f"the master at {beta.address}:9618 refuses this node" in line
    assert "another pool's master answers there" in line


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (
            "nobody",
            "waiting for the master at 203.0.113.1:9618: [Errno 1",
        ),
        ("web", "what listens there did not answer within 30 s: is that the master?"),
        ("nomaster", "what answers there shows no certificate, as a master does"),
    ],
)
def test_what_is_no_master(three: list[Host], node: str, words: str) -> None:
    gamma = three[2]
    wait_for_words(gamma, node, words)
    if node != "nomaster":
        assert gamma.docker("ps", "--quiet", "--filter", f"name={node}"), "it goes on trying"
