"""The HTTP side, over real sockets."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from roost.contract import CONDOR_UID, HealthState
from roost.node.health import server as module
from roost.node.health.server import MOST_CONNECTIONS, STALE_S, Server, answer_health, start_server
from roost.node.settings import Address


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    # Port 0 is any free one.
    made = Server(
        Address("127.0.0.1", 0), health=tmp_path / "health.json", metrics=tmp_path / "metrics"
    )
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def ask(server: Server, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, answer.headers["Content-Type"], answer.read()


def write_health(path: Path, state: str, checked: float) -> bytes:
    text = json.dumps({"state": state, "checked": checked, "reasons": []}).encode()
    path.write_bytes(text)
    return text


@pytest.mark.parametrize("state", list(HealthState))
def test_health_is_told_twice(server: Server, state: HealthState) -> None:
    text = write_health(server.health, state, time.time())
    status = 503 if state is HealthState.UNHEALTHY else 200
    assert ask(server, "/health") == (status, "application/json", text)
    assert ask(server, "/health", "HEAD") == (status, "application/json", b"")


def test_what_nobody_keeps_up_to_date_is_unhealthy(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    assert answer_health(path, 0.0)[1] == 503
    write_health(path, "healthy", 1000.0)
    assert answer_health(path, 1000.0 + STALE_S - 1)[1] == 200
    assert answer_health(path, 1000.0 + STALE_S)[1] == 503
    path.write_text("[]")
    assert json.loads(answer_health(path, 0.0)[0])["state"] == "unhealthy"


def test_metrics_are_a_file(server: Server) -> None:
    assert ask(server, "/metrics")[0] == 503, "there is none yet"
    server.metrics.write_text("condor_jobs 1\n")
    assert ask(server, "/metrics?x=1") == (
        200, "text/plain; version=0.0.4; charset=utf-8", b"condor_jobs 1\n",
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/health/", "/../etc/passwd", "/tokens/token"])
def test_there_is_nothing_else(server: Server, path: str) -> None:
    assert ask(server, path)[0] == 404


def test_nothing_can_be_changed(server: Server) -> None:
    assert {ask(server, "/health", method)[0] for method in ("POST", "PUT", "DELETE")} == {501}


def test_slow_clients_make_place_for_others(server: Server) -> None:
    server.metrics.write_text("x 1\n")
    slow = [socket.create_connection(("127.0.0.1", server.server_port)) for _ in range(40)]
    for one in slow:
        one.sendall(b"GET /metrics HT")
    assert ask(server, "/metrics")[0] == 200
    assert len(server._open) <= MOST_CONNECTIONS
    for one in slow:
        one.close()


@pytest.mark.parametrize("endless", [b"GET /metrics HTTP/1.1\r\nX: ", b"GET /metrics", b"X" * 9])
def test_no_more_is_read_than_a_request_may_be_long(server: Server, endless: bytes) -> None:
    server.metrics.write_text("x 1\n")
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=5) as client:
        client.sendall(endless + b"y" * (module.REQUEST_BYTES - len(endless)))
        answer = client.makefile("rb").readline()
    assert answer, "answered, though the request never ended"
    assert ask(server, "/metrics")[0] == 200


def test_no_connection_lasts_for_ever(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTION_S", 0.05)
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as slow:
        slow.sendall(b"GET /metrics HT")
        assert slow.recv(10) == b"", "the server ended it"


def test_the_process_that_serves_is_not_root_and_ends_with_its_parent(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = start_server(Address("127.0.0.1", port))
    told.setblocking(True)
    told.settimeout(10)
    assert told.recv(100) == b"\n", "it listens"
    (child,) = children()
    owner = Path(f"/proc/{child}").stat().st_uid
    assert owner == (CONDOR_UID if os.geteuid() == 0 else os.geteuid())
    told.close()
    assert os.waitpid(child, 0) == (child, 0)


def test_a_taken_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        port = taker.getsockname()[1]
        monkeypatch.setattr(module, "RETRY_S", 0.05)
        told = start_server(Address("127.0.0.1", port))
        told.setblocking(True)
        told.settimeout(10)
        assert told.recv(200) == f"port {port} at 127.0.0.1: Address already in use\n".encode()
    assert told.recv(100) == b"\n", "it listens as soon as it can"
    told.close()
    os.wait()


def children() -> list[int]:
    me = os.getpid()
    found = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    return [int(pid) for pid in found]
