"""A machine with engines on it, for as long as tests need them."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.enginehost import containers_conf, daemons
from tests.enginehost.packages import install_missing

DOCKER_URL = "unix:///var/run/docker.sock"
_LOCK = Path(tempfile.gettempdir()) / f"roost-enginehost-{os.getuid()}.lock"


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """See that Docker and Podman are installed and answer; yields the environment for the tests.

    Ends what it started, and only that, once no other run on this machine uses it any more. Raises
    :class:`tests.enginehost.HostError` with the mend where it cannot make the engines run.
    """
    with ExitStack() as at_end:
        directory = Path(at_end.enter_context(tempfile.TemporaryDirectory(prefix="roost-engines-")))
        use = at_end.enter_context(_LOCK.open("w"))
        fcntl.flock(use, fcntl.LOCK_EX)
        install_missing()
        started = _start_missing(directory)
        # Others may use the engines as well from here on; whoever started one waits for them.
        fcntl.flock(use, fcntl.LOCK_SH)
        at_end.callback(_stop, started.daemons, use.fileno())
        yield started.environment


class _Started:
    def __init__(self) -> None:
        self.environment = dict(os.environ)
        self.daemons: list[daemons.Daemon] = []


def _start_missing(directory: Path) -> _Started:
    started = _Started()
    environment = started.environment
    try:
        docker = environment.get("DOCKER_HOST", DOCKER_URL)
        if not daemons.answers(docker):
            started.daemons.append(daemons.start_docker(directory, docker))
        conf = containers_conf.render(containers_conf.look())
        if conf and "CONTAINERS_CONF" not in environment:
            path = directory / "containers.conf"
            path.write_text(conf)
            environment["CONTAINERS_CONF"] = str(path)
        if "CONTAINER_HOST" not in environment:
            podman = daemons.start_podman(directory, environment)
            started.daemons.append(podman)
            environment["CONTAINER_HOST"] = podman.url
    except BaseException:
        _end(started.daemons)
        raise
    return started


def _stop(started: list[daemons.Daemon], lock: int) -> None:
    if started:
        fcntl.flock(lock, fcntl.LOCK_EX)
    _end(started)


def _end(started: list[daemons.Daemon]) -> None:
    for daemon in reversed(started):
        daemon.stop()
