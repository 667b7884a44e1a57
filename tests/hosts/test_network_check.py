"""Whether nodes reach each other: good ways between three hosts, and each way of a way to fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roost.waiting import wait_for
from tests.hosts.bench import Bench
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.pages import CODE

MTU = 1400
POOL_FILE = """\
version = 1
name = "checked"
[executors]
count = 1
[hosts]
address = "{address}"
"""


@dataclass(frozen=True)
class Node:
    """A container that nobody has Roost for."""

    host: Host
    container: str

    def network(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output of its look at the network."""
        argv = ["docker", "exec", self.container, "roost-node", "network", *arguments]
        done = self.host.run(*argv)
        assert done.stderr == ""
        return done.returncode, done.stdout

    def facts(self) -> dict[str, Any]:
        """What it finds."""
        code, told = self.network("--json")
        assert code == 0
        facts: dict[str, Any] = json.loads(told)
        return facts

    def ways(self) -> dict[str, dict[str, Any]]:
        """What it finds on its way to each other node."""
        return {path["target"]: path for path in self.facts()["paths"]}


@pytest.fixture(scope="module")
def nodes(bench: Bench) -> Iterator[dict[str, Node]]:
    """Master and an executor on alpha, a submit node at an address and an executor on beta, an executor
    behind a router."""
    alpha, beta = bench.hosts("alpha", "beta")
    (hidden,) = bench.hosts("hidden", behind_router=True)
    made: dict[str, Node] = {}

    def start(name: str, host: Host, image: str, *options: str) -> None:
        host.docker("run", "-d", f"--name={name}", f"--hostname={name}", *options, image)
        made[name] = Node(host, name)

    def outside(host: Host) -> list[str]:
        return ["-p", "9618:9618", "-e", f"ADDRESS={host.address}"]

    try:
        start("master", alpha, "roost-master", *outside(alpha))
        to_master = ["-e", f"MASTER={alpha.address}"]
        start("submit", beta, "roost-submit", *to_master, *outside(beta))
        start("execute-a", alpha, "roost-execute", *to_master)
        start("execute-b", beta, "roost-execute", *to_master, "-e", "ROOST_HOST=beta")
        start("execute-c", hidden, "roost-execute", *to_master)

        wait_for("all are in the pool", lambda: let_in(made), timeout_s=PATIENCE_S)
        yield made
    finally:
        for host in (alpha, beta, hidden):
            host.plug.push()
            host.clear()


def let_in(nodes: dict[str, Node]) -> bool | None:
    """Let in who asks; whether the master knows all nodes now."""
    master = nodes["master"]
    inside = ["docker", "exec", "master", "roost-node"]
    for code in CODE.findall(master.host.run(*inside, "approve").stdout):
        master.host.run(*inside, "approve", code)
    done = master.host.run(*inside, "network", "--json")
    known = json.loads(done.stdout)["peers"] if done.returncode == 0 else []
    return {one["name"] for one in known} == set(nodes) or None


def test_who_has_to_talk_to_whom_and_how(nodes: dict[str, Node]) -> None:
    ways = {name: node.ways() for name, node in nodes.items()}
    executors = {"execute-a", "execute-b", "execute-c"}
    assert {name: set(found) for name, found in ways.items()} == {
        "master": {"submit", *executors},
        "submit": {"master", *executors},
        **{name: {"master", "submit"} for name in executors},
    }
    for source, found in ways.items():
        for target, path in found.items():
            where = f"{source} -> {target}: {path}"
            assert path["way"] == ("CCB" if target in executors else "direct"), where
            assert path["answer"] == ("granted" if target == "master" else "refused"), where
            assert path["answer_ms"] > 0, where
            assert abs(path["clock_s"]) < 30, where
            assert path["needed"] == ((source, target[:7]) != ("master", "execute")), where
            if path["way"] == "direct":
                assert path["reach"] == "connected", where
                assert len(path["round_trips_ms"]) == 5, where
                assert 0 < min(path["round_trips_ms"]) <= max(path["round_trips_ms"]), where
                assert path["mtu"] == 1500, where
                assert path["on_link"] is False, where


def test_a_bare_image_shows_a_table(nodes: dict[str, Node]) -> None:
    code, shown = nodes["execute-c"].network()
    assert code == 0, shown
    head, *lines, note = shown.splitlines()
    assert head.split("  ")[0] == "FROM"
    assert [line.split()[:2] for line in lines] == [
        ["execute-c", "master"],
        ["execute-c", "submit"],
    ]
    assert all("connected" in line and "1500" in line for line in lines)
    assert note.startswith("Ways from execute-c only")


def test_a_pulled_plug(nodes: dict[str, Node]) -> None:
    submit = nodes["submit"]
    submit.host.plug.pull()
    try:
        code, shown = nodes["execute-a"].network()
        ways = nodes["master"].ways()
    finally:
        submit.host.plug.push()
    assert code == 1
    assert "execute-a -> submit: error" in shown
    assert "execute-a -> master: error" not in shown
    assert ways["submit"]["reach"] in ("silent", "no route")
    assert ways["execute-b"]["answer"] == "none"
    assert (ways["execute-a"]["answer"], ways["execute-c"]["answer"]) == ("refused", "refused")
    well(nodes["execute-a"])


@contextmanager
def rule(host: Host, *match: str) -> Iterator[None]:
    """A rule of the host's firewall for what goes to and from its containers."""

    def change(action: str) -> None:
        host.namespace.run("iptables", "--wait", action, "DOCKER-USER", *match)

    change("-I")
    try:
        yield
    finally:
        change("-D")


def test_a_port_that_is_closed(nodes: dict[str, Node]) -> None:
    beta = nodes["submit"].host
    closed = ("-i", "lan0", "-p", "tcp", "--syn", "-j", "REJECT", "--reject-with", "tcp-reset")
    with rule(beta, *closed):
        code, shown = nodes["execute-c"].network()
        ways = nodes["submit"].ways()
    assert code == 1
    assert f"{beta.address}:9618 refuses connections" in shown
    assert "`-p 9618:9618`" in shown
    # The submit node gets out, and nobody that it asks to connect gets in.
    assert ways["master"]["answer"] == "granted"
    assert (ways["execute-a"]["answer"], ways["execute-c"]["answer"]) == ("none", "none")
    well(nodes["execute-c"])


def test_a_way_that_loses_big_packets_and_does_not_say_so(nodes: dict[str, Node]) -> None:
    too_long = ("-o", "lan0", "-m", "length", "--length", f"{MTU + 1}:65535", "-j", "DROP")
    with rule(nodes["submit"].host, *too_long):
        code, shown = nodes["submit"].network()
    assert code == 1
    assert "small messages pass, big ones do not" in shown
    assert "mend: set the MTU of the engine's network" in shown


def test_a_way_that_carries_small_packets_only_and_says_so(nodes: dict[str, Node]) -> None:
    """After the one that does not say so: what a router has said is remembered for ten minutes."""
    beta = nodes["submit"].host.namespace
    beta.run("ip", "link", "set", "lan0", "mtu", str(MTU))
    try:
        assert nodes["submit"].ways()["master"]["mtu"] == MTU
    finally:
        beta.run("ip", "link", "set", "lan0", "mtu", "1500")


def well(node: Node) -> None:
    """Wait until all is as it was."""
    wait_for("all ways serve", lambda: node.network()[0] == 0 or None, timeout_s=PATIENCE_S)


def test_roost_on_a_host_of_a_pool_and_on_one_that_only_joined(
    bench: Bench, nodes: dict[str, Node], tmp_path: Path
) -> None:
    """With other ports than those of the bare nodes: it is another pool, on a host of its own."""
    del nodes  # its hosts are there
    gamma, (hidden,) = bench.hosts("gamma")[0], bench.hosts("hidden", behind_router=True)
    roost = commands(tmp_path)
    (tmp_path / "roost.toml").write_text(POOL_FILE.format(address=gamma.address))
    try:
        roost(gamma, "up")
        alone = json.loads(roost(gamma, "doctor", "--network", "--json"))
        assert alone["healthy"]
        assert {(one["source"], one["target"]) for one in alone["paths"]} == {
            *(("master", "submit"), ("master", "execute-1")),
            *(("submit", "master"), ("submit", "execute-1")),
            *(("execute-1", "master"), ("execute-1", "submit")),
        }
        assert alone["elsewhere"] == []

        invite = roost(gamma, "invite", "execute")
        roost(hidden, "join", "--node", "far", input=invite)
        shown = roost(gamma, "doctor", "--network")
        assert "submit     execute-far  " in shown
        assert f"Nodes of other hosts: execute-far ({hidden.name})" in shown
        there = roost(hidden, "doctor", "--network")
        assert [line.split()[:2] for line in there.splitlines()[1:3]] == [
            ["execute-far", "master"],
            ["execute-far", "submit"],
        ]
        assert "2 ways from here: all that jobs need serve" in there
        found = json.loads(roost(gamma, "doctor", "--json"))["findings"]
        assert [one["cause"] for one in found if "execute-far" in one["nodes"]] == []
    finally:
        for host in (gamma, hidden):
            host.clear()


def commands(cwd: Path) -> Callable[..., str]:
    """``roost``, as typed on a host."""

    def roost(host: Host, *arguments: str, **options: Any) -> str:
        pool = [] if arguments[0] == "join" else ["--pool", "checked"]
        done = host.run("roost", *pool, *arguments, cwd=cwd, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return roost
