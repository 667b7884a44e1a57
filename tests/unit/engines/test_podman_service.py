"""Podman's service where it does not start. (Where it does: the contract tests.)"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from roost.engines.podman_service import PodmanService
from roost.errors import EngineUnavailableError


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A directory whose path leaves room for a socket's."""
    with tempfile.TemporaryDirectory(dir="/tmp") as path:
        yield Path(path)


def service(tmp_path: Path, script: str | None) -> PodmanService:
    """One whose ``podman`` is this shell script, or not there."""
    if script is not None:
        program = tmp_path / "podman"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    return PodmanService({"PATH": f"{tmp_path}:/usr/bin:/bin" if script else str(tmp_path)})


def test_a_podman_that_is_not_there_is_told(tmp_path: Path) -> None:
    made = service(tmp_path, None)

    with pytest.raises(EngineUnavailableError, match="cannot be started") as caught:
        made.ensure_running()

    assert "roost setup" in (caught.value.hint or "")
    made.stop()


def test_a_podman_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    made = service(tmp_path, "echo 'Error: cannot set up namespace' >&2; exit 125")

    with pytest.raises(EngineUnavailableError, match="cannot set up namespace"):
        made.ensure_running()

    made.stop()


def test_its_directory_is_private_and_goes_with_it(tmp_path: Path) -> None:
    made = service(tmp_path, "exit 0")
    directory = Path(made.url.removeprefix("unix://")).parent

    assert directory.stat().st_mode & 0o777 == 0o700
    for _ in range(2):
        made.stop()
        assert not directory.exists()


def test_the_path_of_a_socket_is_never_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()

    made = PodmanService({"XDG_RUNTIME_DIR": str(deep)})

    assert len(made.url.removeprefix("unix://")) < 104
    made.stop()


def test_what_killed_programs_left_is_swept_up(short_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(short_path)}
    old, young, served = (short_path / f"roost-podman-{it}" for it in ("old", "young", "served"))
    for left in (old, young, served):
        left.mkdir()
    (served / "podman.sock").touch()
    long_ago = time.time() - 7200
    for left in (old, served):
        os.utime(left, (long_ago, long_ago))

    PodmanService(environ).stop()

    assert not old.exists()
    assert young.exists()
    assert served.exists()
