"""Podman's API service, started when it is needed and ended with its user."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from roost.commandline import command_line
from roost.errors import EngineUnavailableError
from roost.waiting import wait_for

IDLE_S = 60
"""The service ends by itself when nobody has used it for some of these: after a SIGKILL of ours,
that is. Connections kept open count as use, for twice as long."""

_START_TIMEOUT_S = 20.0
_STOP_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 10.0
_LONGEST_SOCKET_PATH = 100
_PREFIX = "roost-podman-"
_SOCKET = "podman.sock"
_LEFT_OVER_S = 3600


class PodmanService:
    """``podman system service`` on a socket in a directory that only this user can enter.

    Nothing is started before the first :meth:`ensure_running`. ``environ`` is what Podman gets to
    see, with CONTAINERS_CONF and the like in it.
    """

    def __init__(self, environ: Mapping[str, str], *, idle_s: int = IDLE_S) -> None:
        self._environ = dict(environ)
        self._owner = os.getpid()
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._used_at = 0.0
        self._directory = _private_directory(environ)
        self._socket = self._directory / _SOCKET
        atexit.register(self.stop)

    @property
    def url(self) -> str:
        """Where the service listens once it runs."""
        return f"unix://{self._socket}"

    def ensure_running(self) -> None:
        """Start the service unless it runs; it may have ended by itself since the last time.

        Raises :class:`EngineUnavailableError` with Podman's own words if it does not start.
        """
        with self._lock:
            now = time.monotonic()
            fresh = now - self._used_at < self._idle_s / 2
            self._used_at = now
            # One that is near the end of its idle time could end between this look and the use.
            if self._runs() and (fresh or self._answers()):
                return
            self._start()

    def stop(self) -> None:
        """End the service, if it runs, and remove its directory. Idempotent."""
        atexit.unregister(self.stop)
        if os.getpid() != self._owner:
            return  # a forked child ends, and its parent goes on
        with self._lock:
            if self._process is not None:
                _end(self._process)
                self._process = None
            shutil.rmtree(self._directory, ignore_errors=True)

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        self._directory.mkdir(mode=0o700, exist_ok=True)
        log = self._directory / "podman.log"
        argv = ["podman", "system", "service", f"--time={self._idle_s}", self.url]
        try:
            with log.open("wb") as errors:
                self._process = subprocess.Popen(
                    argv,
                    env=self._environ,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    # Ctrl-C is for us alone: what cleans up afterwards still needs the service.
                    start_new_session=True,
                )
        except OSError as error:
            raise EngineUnavailableError(
                f"podman cannot be started: {error.strerror or error}",
                hint=f"run `{command_line('setup')}`",
            ) from error
        wait_for(
            "starting podman's service",
            lambda: self._answered(log),
            timeout_s=_START_TIMEOUT_S,
            first_pause_s=0.005,
            last_seen=lambda: _last_words(log),
            hint="see whether `podman info` answers",
        )

    def _answered(self, log: Path) -> bool | None:
        if self._answers():
            return True
        if not self._runs():
            raise EngineUnavailableError(
                f"podman's service ended at once: {_last_words(log)}",
                hint=f"`podman info` tells what it misses; `{command_line('setup')}` installs it",
            )
        return None

    def _answers(self) -> bool:
        """Send a whole request: merely to connect would not keep an idle service from ending."""
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(_ANSWER_TIMEOUT_S)
                probe.connect(str(self._socket))
                probe.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return probe.recv(64).startswith(b"HTTP/")
        except OSError:
            return False


def _private_directory(environ: Mapping[str, str]) -> Path:
    """A new directory that only this user can enter, with a path short enough for a socket's."""
    base = environ.get("XDG_RUNTIME_DIR")
    if not base or not Path(base).is_dir() or len(base) > _LONGEST_SOCKET_PATH - 40:
        base = None if len(tempfile.gettempdir()) < _LONGEST_SOCKET_PATH - 40 else "/tmp"  # noqa: S108
    made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    _sweep(made.parent)
    return made


def _sweep(base: Path) -> None:
    """Remove what killed processes left: directories of ours without a socket, some time old."""
    for left in base.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            about = left.stat()
            old = time.time() - about.st_mtime > _LEFT_OVER_S
            if old and about.st_uid == os.getuid() and not (left / _SOCKET).exists():
                shutil.rmtree(left)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return " ".join(line.strip() for line in lines[-4:] if line.strip()) or "it said nothing"
