"""Engines as processes of ours: started when nobody answers, ended by their process id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from roost.engines.probe import Standing, look_at
from tests.enginehost.problems import HostError

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 60.0


def answers(url: str) -> bool:
    """Whether an engine answers at ``url``."""
    return look_at(url).standing is Standing.ANSWERS


@dataclass
class Daemon:
    """A running engine of ours."""

    process: subprocess.Popen[bytes]
    url: str

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(argv: Sequence[str], url: str, log: Path, environment: Mapping[str, str]) -> Daemon:
    """Start an engine and wait until it answers. Raises :class:`HostError` with its last words."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            # Ctrl-C is for the tests, which clean up with the engine's help.
            start_new_session=True,
        )
    daemon = Daemon(process, url)
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            daemon.stop()
            words = log.read_text(errors="replace")[-3000:]
            raise HostError(f"`{' '.join(argv)}` did not come up:\n{words}")
        time.sleep(0.05)
    return daemon


def start_docker(directory: Path, url: str) -> Daemon:
    """Docker's daemon, with its data where it always is."""
    if os.geteuid() != 0:
        raise HostError(
            f"Docker does not run, and only root can start it: nothing answers at {url}"
        )
    return start(["dockerd", "--host", url], url, directory / "dockerd.log", os.environ)


def start_podman(directory: Path, environment: Mapping[str, str]) -> Daemon:
    """Podman's service, which ends by itself after two hours without use, should we be killed."""
    url = f"unix://{directory}/podman.sock"
    argv = ["podman", "system", "service", "--time=7200", url]
    return start(argv, url, directory / "podman.log", environment)
