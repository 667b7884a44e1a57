"""The HTTP side: ``/health`` and ``/metrics``, in a process that is not root and knows no secret.

It is forked before anything of HTCondor is loaded, becomes the daemons' account and answers with two
files that the process which looks has written. So a request costs a read, and neither the node's token
nor a connection to a daemon is in reach of whoever finds a hole in the server. What it shares with its
parent from before the fork costs no memory twice.
"""

from __future__ import annotations

import io
import json
import os
import select
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any

from roost import contract
from roost.contract import HealthState
from roost.node.health.report import HEALTH_FILE, METRICS_FILE
from roost.node.settings import EVERY_ADDRESS, Address

MOST_CONNECTIONS = 16
"""At once; a new one pushes the oldest out, so that slow ones cannot keep others away."""
CONNECTION_S = 10.0
"""Most seconds of a connection from its first byte to its last."""
REQUEST_BYTES = 8192
"""Most that is read of a request: http.server takes a hundred headers of 64 KiB each, and keeps them."""
RETRY_S = 15.0
STALE_S = 4 * contract.HEALTH_INTERVAL_S
"""A state file as old as this has lost its writer."""

_EVERY_HOST = EVERY_ADDRESS.host
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def start_server(address: Address) -> socket.socket:
    """Fork the server. The socket tells its troubles, one line each, and its closing is its end.

    The line is empty once it listens. The server in turn ends when this process does.
    """
    ours, theirs = socket.socketpair()
    if os.fork():
        theirs.close()
        ours.setblocking(False)
        return ours
    try:
        _close_all_but(theirs.fileno())
        _become_daemons_account()
        _serve(address, theirs)
    finally:
        os._exit(1)  # nothing of the parent's must run a second time


def _close_all_but(kept: int) -> None:
    """What the parent has open is no business of this process, apart from its output."""
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def _become_daemons_account() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(contract.CONDOR_GID)
        os.setuid(contract.CONDOR_UID)


def _serve(address: Address, parent: socket.socket) -> None:
    told = None
    while True:
        try:
            server = Server(address)
            break
        except OSError as error:
            problem = f"port {address.port} at {address.host}: {error.strerror or error}"
            if problem != told:
                told = problem
                parent.sendall(f"{problem}\n".encode())
            _sleep_unless_closed(parent, RETRY_S)
    parent.sendall(b"\n")
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    server.serve_forever(poll_interval=CONNECTION_S / 2)


def _sleep_unless_closed(parent: socket.socket, seconds: float) -> None:
    if select.select([parent], [], [], seconds)[0]:
        os._exit(0)


def _end_with(parent: socket.socket) -> None:
    parent.recv(1)
    os._exit(0)


class Server(ThreadingMixIn, HTTPServer):
    """Bounded in connections and in the time of each. Raises OSError where it cannot listen."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(
        self, address: Address, *, health: Path = HEALTH_FILE, metrics: Path = METRICS_FILE
    ) -> None:
        self.health = health
        self.metrics = metrics
        self._lock = threading.Lock()
        self._open: dict[socket.socket, float] = {}
        address = _usable(address)
        self.address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        super().__init__((address.host, address.port), _Handler)

    def server_bind(self) -> None:
        """Without HTTPServer's look for this host's name, which can take long and serves nothing."""
        if self.address_family == socket.AF_INET6:
            both = self.server_address[0] == _EVERY_HOST
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread of its own for each connection, the oldest making place for the newest."""
        with self._lock:
            if len(self._open) >= MOST_CONNECTIONS:
                self._cut(next(iter(self._open)))
            self._open[request] = time.monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The end of a connection, however it came."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Called every few seconds: nobody may take for ever."""
        latest = time.monotonic() - CONNECTION_S
        with self._lock:
            for connection in [one for one, began in self._open.items() if began < latest]:
                self._cut(connection)

    def _cut(self, connection: socket.socket) -> None:
        """Let the thread that waits for it see its end."""
        del self._open[connection]
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that broke off is its own affair."""


def _usable(address: Address) -> Address:
    """Every address, where there is no IPv6, is every address of IPv4."""
    if address.host == _EVERY_HOST and not _has_ipv6():
        return Address("0.0.0.0", address.port)  # noqa: S104
    return address


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


class _Beginning(io.BufferedIOBase):
    """The first :data:`REQUEST_BYTES` of a stream, line by line."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self._left = REQUEST_BYTES

    def readline(self, size: int | None = -1) -> bytes:
        """A line, or what there may be of it; nothing, at the end of what is read."""
        most = self._left if size is None or size < 0 else min(size, self._left)
        line = self._stream.readline(most)
        self._left -= len(line)
        return line

    def close(self) -> None:
        """Close the stream too."""
        self._stream.close()
        super().close()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = CONNECTION_S
    server_version = "roost"
    sys_version = ""

    def setup(self) -> None:
        """Read no more than a request may be long: what is longer ends there."""
        super().setup()
        self.rfile = _Beginning(self.rfile)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/health":
            text, status = answer_health(self.server.health, time.time())
            self._answer(status, "application/json", text)
        elif path == "/metrics":
            try:
                self._answer(HTTPStatus.OK, METRICS_TYPE, self.server.metrics.read_bytes())
            except OSError:
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"not looked yet\n")
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"there are /health and /metrics\n")

    do_HEAD = do_GET  # noqa: N815  (http.server's name)

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Scrapes are no events."""


def answer_health(path: Path, now: float) -> tuple[bytes, HTTPStatus]:
    """The state file, and the status that says the same to those who read no further."""
    try:
        text = path.read_bytes()
        told = json.loads(text)
        well = told["state"] != HealthState.UNHEALTHY and now - told["checked"] < STALE_S
    except (OSError, ValueError, KeyError, TypeError):
        return b'{"state": "unhealthy", "reasons": ["nothing looks at this node"]}', (
            HTTPStatus.SERVICE_UNAVAILABLE
        )
    return text, HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
