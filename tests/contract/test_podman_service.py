"""Podman's service, started when it is needed, and never left behind."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roost.engines.podman import PodmanEngine
from roost.engines.podman_service import PodmanService
from roost.waiting import wait_for
from tests.contract.conftest import Bench

pytestmark = pytest.mark.engine


def environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "CONTAINER_HOST"}


def directory_of(url: str) -> Path:
    return Path(url.removeprefix("unix://")).parent


def servers(url: str) -> list[int]:
    """The processes that serve on the socket."""
    return [
        int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if url in _text(path)
    ]


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:  # it ended while we looked
        return ""


def wait_until_nobody_serves(url: str) -> None:
    wait_for("the service's end", lambda: not servers(url) or None, timeout_s=20)


@pytest.fixture
def service() -> Iterator[PodmanService]:
    service = PodmanService(environment(), idle_s=3)
    yield service
    service.stop()


@pytest.fixture
def podman(open_bench: Callable[[str], Bench]) -> Bench:
    return open_bench("podman")


@pytest.fixture
def engine(service: PodmanService) -> PodmanEngine:
    return PodmanEngine(service)


def test_it_runs_from_the_first_call_to_the_end(
    service: PodmanService, engine: PodmanEngine
) -> None:
    directory = directory_of(service.url)
    assert servers(service.url) == []

    assert engine.list_images({"no.such.label": None}) == []
    assert servers(service.url)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700

    engine.close()
    assert servers(service.url) == []
    assert not directory.exists()


def test_it_is_started_again_when_it_was_killed(
    service: PodmanService, engine: PodmanEngine
) -> None:
    engine.find_container("nobody")
    first = servers(service.url)
    assert first

    for process in first:
        os.kill(process, signal.SIGKILL)
    wait_until_nobody_serves(service.url)

    assert engine.find_container("nobody") is None
    again = servers(service.url)
    assert again
    assert not set(again) & set(first)


def test_it_is_started_again_when_it_ended_for_want_of_use(
    service: PodmanService, engine: PodmanEngine
) -> None:
    engine.find_container("nobody")

    wait_until_nobody_serves(service.url)

    assert engine.find_container("nobody") is None


def test_a_long_command_keeps_it_running(
    service: PodmanService, engine: PodmanEngine, podman: Bench
) -> None:
    name = podman.run()

    told = engine.exec(name, ["sh", "-c", "sleep 5; echo done"])

    assert told.stdout == b"done\n"
    podman.engine.remove_container(name)


PROGRAM = """
import os, sys, time
from roost.engines.podman import PodmanEngine
from roost.engines.podman_service import PodmanService
environment = {k: v for k, v in os.environ.items() if k != "CONTAINER_HOST"}
service = PodmanService(environment, idle_s=3)
PodmanEngine(service).find_container("nobody")
print(service.url, flush=True)
if sys.argv[1] == "stay":
    time.sleep(60)
"""


def program(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """A program that uses Podman and does not close it, and where its service listens."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def kill(process: subprocess.Popen[str], url: str) -> None:
    """Kill the program; its service has to end by itself then."""
    process.kill()
    process.wait()
    wait_until_nobody_serves(url)
    # The next service would remove it in an hour.
    shutil.rmtree(directory_of(url))


def test_a_program_that_forgets_to_close_leaves_nothing() -> None:
    process, url = program("leave")

    assert process.wait(20) == 0

    assert servers(url) == []
    assert not directory_of(url).exists()


def test_after_a_kill_it_ends_by_itself() -> None:
    process, url = program("stay")
    assert servers(url)

    kill(process, url)


def test_ctrl_c_does_not_end_it_before_its_user() -> None:
    process, url = program("stay")

    groups = {os.getpgid(server) for server in servers(url)}
    assert groups
    assert os.getpgid(process.pid) not in groups
    kill(process, url)
