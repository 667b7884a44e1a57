"""Who listens on a socket: a look that costs a millisecond and imports nothing big."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

_TIMEOUT_S = 5.0
_HEAD_BYTES = 4096


class Standing(Enum):
    """What came of a look at an engine's socket."""

    ANSWERS = "answers"
    DENIED = "denied"
    """The socket is there and this user may not use it."""
    SILENT = "silent"
    """The socket is there and nobody answers on it."""
    ABSENT = "absent"


@dataclass(frozen=True)
class Finding:
    """What is at ``url``. ``api_version`` where it was told; ``is_podman`` whichever name it goes
    by: Podman can stand in for Docker on Docker's own socket."""

    url: str
    standing: Standing
    api_version: str | None = None
    is_podman: bool = False


def look_at(url: str) -> Finding:
    """Look at the engine socket at ``url``.

    Only a Unix socket is looked at; what is farther away is left to the first real request.
    """
    if not url.startswith("unix:"):
        return Finding(url, Standing.ANSWERS)
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_TIMEOUT_S)
            probe.connect(socket_path(url))
            probe.sendall(b"GET /_ping HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n")
            return _finding(url, _head(probe))
    except (FileNotFoundError, NotADirectoryError):
        return Finding(url, Standing.ABSENT)
    except PermissionError:
        return Finding(url, Standing.DENIED)
    except OSError:
        return Finding(url, Standing.SILENT)


def socket_path(url: str) -> str:
    """The path in ``unix:///path`` (and in ``unix://path``, which Docker's client takes as
    well)."""
    parts = urlsplit(url)
    return parts.path if not parts.netloc else f"/{parts.netloc}{parts.path}"


def _head(probe: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD_BYTES:
        block = probe.recv(_HEAD_BYTES)
        if not block:
            break
        head += block
    return head.decode("latin-1")


def _finding(url: str, head: str) -> Finding:
    if not head.startswith("HTTP/1.1 200"):
        return Finding(url, Standing.SILENT)
    version = re.search(r"^api-version: *(\S+)", head, re.IGNORECASE | re.MULTILINE)
    return Finding(
        url,
        Standing.ANSWERS,
        api_version=version[1] if version else None,
        is_podman="libpod-api-version:" in head.lower(),
    )
