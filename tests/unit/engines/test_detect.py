"""Which engine it will be."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from roost.engines import detect
from roost.engines.detect import open_engine
from roost.errors import EngineUnavailableError, UsageError
from tests.unit.engines.sockets import DOCKER, PODMAN, answering, silent


class Host:
    """A made-up machine: its sockets, programs and environment."""

    def __init__(self, root: Path) -> None:
        self.docker_socket = root / "docker.sock"
        self.podman_socket = root / "podman/podman.sock"
        self.programs = root / "bin"
        self.programs.mkdir()
        self.environ = {"PATH": str(self.programs), "XDG_RUNTIME_DIR": str(root)}

    def install(self, program: str) -> None:
        path = self.programs / program
        path.write_text("#!/bin/false\n")
        path.chmod(0o755)

    def open(self, wanted: str | None = None) -> str:
        """The name of the engine that is opened."""
        engine = open_engine(wanted, self.environ)
        engine.close()
        return engine.name

    def trouble(self, wanted: str | None = None) -> EngineUnavailableError:
        with pytest.raises(EngineUnavailableError) as caught:
            open_engine(wanted, self.environ)
        assert caught.value.hint
        return caught.value


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    host = Host(tmp_path)
    monkeypatch.setattr(detect, "DOCKER_SOCKET", str(host.docker_socket))
    monkeypatch.setattr(detect, "PODMAN_SOCKET", str(host.podman_socket))
    monkeypatch.setattr(detect, "DAEMON_PATHS", ())
    yield host


def test_docker_comes_first_where_both_answer(host: Host) -> None:
    with answering(host.docker_socket, DOCKER), answering(host.podman_socket, PODMAN):
        assert host.open() == "docker"
        assert host.open("podman") == "podman"


def test_the_flag_comes_before_the_variable_and_that_before_what_is_found(host: Host) -> None:
    with answering(host.docker_socket, DOCKER), answering(host.podman_socket, PODMAN):
        host.environ["ROOST_ENGINE"] = "podman"
        assert host.open() == "podman"
        assert host.open("docker") == "docker"


def test_what_answers_comes_before_what_is_installed(host: Host) -> None:
    host.install("dockerd")
    host.install("podman")

    with answering(host.podman_socket, PODMAN):
        assert host.open() == "podman"


def test_podman_needs_no_socket(host: Host) -> None:
    host.install("podman")

    assert host.open() == "podman"
    assert host.open("podman") == "podman"


def test_podman_in_dockers_place_is_podman(host: Host) -> None:
    with answering(host.docker_socket, PODMAN):
        assert host.open() == "podman"
        assert host.open("docker") == "podman"


def test_the_variables_of_the_engines_name_their_sockets(host: Host, tmp_path: Path) -> None:
    with answering(tmp_path / "other", DOCKER) as url:
        host.environ["DOCKER_HOST"] = url
        assert host.open("docker") == "docker"
    with answering(tmp_path / "another", PODMAN) as url:
        host.environ["CONTAINER_HOST"] = url
        assert host.open("podman") == "podman"


def test_an_unknown_engine_is_a_wrong_usage(host: Host) -> None:
    for wanted, variable, source in (("lxc", None, "--engine"), (None, "lxc", "ROOST_ENGINE")):
        host.environ["ROOST_ENGINE"] = variable or ""
        with pytest.raises(UsageError, match=source) as caught:
            open_engine(wanted, host.environ)
        assert "docker and podman" in (caught.value.hint or "")


@pytest.mark.parametrize("wanted", [None, "docker", "podman"])
def test_without_an_engine_setup_is_the_mend(host: Host, wanted: str | None) -> None:
    error = host.trouble(wanted)

    assert "roost setup" in (error.hint or "")
    assert ("not installed" if wanted else "no container engine") in error.message


@pytest.mark.parametrize("wanted", [None, "docker"])
def test_a_docker_that_does_not_run_is_told(host: Host, wanted: str | None) -> None:
    host.install("dockerd")
    silent(host.docker_socket)

    error = host.trouble(wanted)

    assert "does not run" in error.message
    assert "start docker" in (error.hint or "")
    assert "roost setup" in (error.hint or "")


@pytest.mark.parametrize("wanted", [None, "docker"])
def test_a_socket_that_may_not_be_used_is_told(
    host: Host, wanted: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    host.install("dockerd")
    monkeypatch.setattr("socket.socket.connect", refuse)

    error = host.trouble(wanted)

    assert "permission" in error.message
    assert "usermod" in (error.hint or "")


@pytest.mark.parametrize(
    ("engine", "variable"), [("docker", "DOCKER_HOST"), ("podman", "CONTAINER_HOST")]
)
def test_a_variable_that_leads_nowhere_is_named(host: Host, engine: str, variable: str) -> None:
    host.install("dockerd")
    host.install("podman")
    host.environ[variable] = "unix:///no/such.sock"

    error = host.trouble(engine)

    assert variable in error.message
    assert "/no/such.sock" in error.message


def test_looking_imports_nothing_big() -> None:
    program = (
        "import sys; from roost.engines import detect\n"
        "try: detect.open_engine('docker', {'DOCKER_HOST': 'unix:///no/such.sock'})\n"
        "except detect.EngineUnavailableError: pass\n"
        "print([name for name in ('docker', 'requests', 'urllib3') if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
