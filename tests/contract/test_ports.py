"""Ports of containers, published on the engine's host."""

from __future__ import annotations

import socket

import pytest

from roost.engines.protocol import ContainerState, Port
from roost.errors import PortTakenError
from roost.waiting import wait_for
from tests.contract.conftest import Bench


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read(address: tuple[str, int]) -> bytes | None:
    try:
        with socket.create_connection(address, timeout=5) as connection:
            return connection.recv(100) or None
    except OSError:
        return None


def test_a_published_port_can_be_reached_from_the_host(real: Bench) -> None:
    port = Port("127.0.0.1", free_port(), 7000)
    talker = "trap 'exit 0' TERM; while :; do echo hello | nc -l -p 7000; done"
    real.run("sh", "-c", talker, ports=(port,))
    said = wait_for("an answer", lambda: read((port.address, port.host_port)), timeout_s=30)
    assert said == b"hello\n"


def test_a_taken_port_is_told_and_the_container_starts_once_it_is_free(bench: Bench) -> None:
    port = Port("127.0.0.1", free_port(), 7000)
    first = bench.run(ports=(port,))
    second = bench.create(ports=(port,)).name
    with pytest.raises(PortTakenError, match=str(port.host_port)):
        bench.engine.start(second)
    bench.engine.stop(first)
    bench.engine.start(second)
    container = bench.engine.find_container(second)
    assert container is not None
    assert container.state is ContainerState.RUNNING


def test_a_port_that_a_program_of_the_host_has_is_told(real: Bench) -> None:
    with socket.socket() as program:
        program.bind(("127.0.0.1", 0))
        program.listen()
        port = Port("127.0.0.1", program.getsockname()[1], 7000)
        name = real.create(ports=(port,)).name
        with pytest.raises(PortTakenError, match=str(port.host_port)):
            real.engine.start(name)
    real.engine.start(name)
