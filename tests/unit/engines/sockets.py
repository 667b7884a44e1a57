"""Engines that are nothing but a socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

DOCKER = b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10\r\n\r\nOK"
PODMAN = b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nLibpod-Api-Version: 4.3.1\r\n\r\nOK"


@contextmanager
def answering(path: Path, answer: bytes, *, then_silent: bool = False) -> Iterator[str]:
    """Answer everything that comes to the socket with the same words; yields its URL.

    ``then_silent`` keeps the connection open after that, as a stuck engine does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=_serve, args=(listener, answer, then_silent))
        thread.start()
        try:
            yield f"unix://{path}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def silent(path: Path) -> str:
    """A socket that nobody listens on any more; its URL."""
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    return f"unix://{path}"


def _serve(listener: socket.socket, answer: bytes, then_silent: bool) -> None:
    with ExitStack() as at_end:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            at_end.enter_context(connection)
            connection.recv(4096)
            connection.sendall(answer)
            if not then_silent:
                connection.close()
