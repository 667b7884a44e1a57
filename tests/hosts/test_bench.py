"""The test bench itself: what it makes, what it cuts, and what it leaves alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from roost.waiting import wait_for
from tests.enginehost import HostError
from tests.hosts.bench import Bench
from tests.hosts.host import Host
from tests.hosts.leftovers import (
    clear,
    end_processes,
    program_of,
    remove_directory,
    remove_namespace,
)
from tests.hosts.names import BASE_DIR, ForeignError, session
from tests.hosts.namespaces import Namespace, make_namespace, namespaces

PORT = 7000
SERVE = f"""
import socket
listening = socket.create_server(("", {PORT}))
print("listening", flush=True)
while True:
    caller, address = listening.accept()
    caller.sendall(address[0].encode())
    caller.close()
"""
ASK = f"""
import socket, sys
asking = socket.create_connection((sys.argv[1], {PORT}), timeout=2)
print(asking.recv(99).decode(), end="")
"""


@contextmanager
def serving(space: Namespace) -> Iterator[None]:
    """Something in a namespace that tells each caller its address."""
    argv = space.command(sys.executable, "-c", SERVE)
    server = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        assert server.stdout.readline() == "listening\n"
        yield
    finally:
        server.kill()
        server.wait()


def ask(space: Namespace, address: str) -> str:
    """Whom the server at that address sees. Raises HostError where nothing answers."""
    return space.run(sys.executable, "-c", ASK, address)


def test_each_host_has_a_docker_of_its_own(hosts: list[Host]) -> None:
    seen = [host.docker("info", "--format", "{{.Name}} {{.Driver}}").split() for host in hosts]
    assert seen == [[host.name, "overlay2"] for host in hosts]
    subnets = {
        host.docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}")
        for host in hosts
    }
    assert len(subnets) == len(hosts)
    tags = [host.docker("images", "--format", "{{.Repository}}:{{.Tag}}") for host in hosts]
    assert all("roost-execute:latest" in have.split() for have in tags)


def test_a_cut_between_hosts_and_its_healing(hosts: list[Host]) -> None:
    here, there = hosts[0].namespace, hosts[1]
    with serving(there.namespace):
        assert ask(here, there.address) == hosts[0].address
        there.plug.pull()
        try:
            with pytest.raises(HostError):
                ask(here, there.address)
        finally:
            there.plug.push()

        def answered() -> str | None:
            try:
                return ask(here, there.address)
            except HostError:
                return None

        assert wait_for("it is healed", answered, timeout_s=30) == hosts[0].address


def test_a_router_lets_out_and_not_in(bench: Bench, hosts: list[Host]) -> None:
    inside = make_namespace(f"{session()}-inside")
    address, plug = bench.network.attach_behind_router(inside)
    with serving(hosts[0].namespace), serving(inside):
        seen = ask(inside, hosts[0].address)
        assert seen == plug.address != address
        for place in (address, seen):
            with pytest.raises(HostError):
                ask(hosts[0].namespace, place)


def test_what_a_killed_run_left_is_removed() -> None:
    program = """
import os, subprocess, sys
from tests.hosts.names import BASE_DIR, session
from tests.hosts.namespaces import make_namespace
space = make_namespace(session() + "-left")
def children():  # one that is not sleep yet may not have left the namespace yet
    found = [open("/proc/%d/task/%d/children" % (pid, pid)).read() for pid in space.processes()]
    return [int(pid) for text in found for pid in text.split()]
place = BASE_DIR / session()
(place / "mounted").mkdir(parents=True)
subprocess.run(["mount", "-t", "tmpfs", "none", str(place / "mounted")], check=True)
parent = space.command("sh", "-c", "unshare --net sleep 600 & wait")
subprocess.Popen(parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
while "sleep" not in [open("/proc/%d/comm" % pid).read().strip() for pid in children()]:
    pass
print(session(), flush=True)
os._exit(9)
"""
    root = Path(__file__).parents[2]
    argv = [sys.executable, "-c", program]
    killed = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=False)
    assert killed.returncode == 9, killed.stderr
    (left,) = [space for space in namespaces() if space.name == f"{killed.stdout.strip()}-left"]
    (parent,) = left.processes()
    (child,) = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    clear()
    assert left.name not in [space.name for space in namespaces()]
    assert not (BASE_DIR / killed.stdout.strip()).exists()
    assert [program_of(int(pid)) for pid in (parent, child)] == ["", ""]


def test_what_no_bench_made_is_left_alone(tmp_path: Path) -> None:
    for name in ("docker0", "rth", "rth-1x", f"rth-{os.getpid()}-A"):
        with pytest.raises(ForeignError):
            make_namespace(name)
        with pytest.raises(ForeignError):
            remove_namespace(Namespace(name))
        with pytest.raises(ForeignError):
            end_processes(Namespace(name))
    with pytest.raises(ForeignError):
        remove_directory(tmp_path)
    assert tmp_path.exists()
    with pytest.raises(ForeignError):
        make_namespace("rth-1-mine")
