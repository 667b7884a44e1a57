"""Locks of one user, and what others on the host can do to them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from roost import locks
from roost.engines.docker import DockerEngine
from roost.errors import RoostError
from roost.locks import LockError, lock_directory, open_lock


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This user's directory below /run/user."""
    directory = tmp_path / "run" / str(os.geteuid())
    directory.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(locks, "RUNTIME_DIRS", str(directory.parent))
    return directory


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands for /tmp, on a host where users have no directory below /run/user."""
    directory = tmp_path / "tmp"
    directory.mkdir()
    monkeypatch.setattr(locks, "RUNTIME_DIRS", str(tmp_path / "none"))
    monkeypatch.setattr("tempfile.tempdir", str(directory))
    return directory / f"roost-{os.geteuid()}"


def test_locks_are_in_the_runtime_directory_whatever_the_environment_says(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert lock_directory() == runtime / "roost"
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/elsewhere")
    assert lock_directory() == runtime / "roost"


def test_without_one_they_are_where_nobody_else_may_look(temporary: Path) -> None:
    assert lock_directory() == lock_directory() == temporary
    assert temporary.stat().st_mode & 0o777 == 0o700


def test_a_runtime_directory_that_others_may_write_to_is_not_used(
    temporary: Path, runtime: Path
) -> None:
    runtime.chmod(0o777)
    assert lock_directory() == temporary


def linked(name: Path) -> None:
    (name.parent / "mine").mkdir()
    name.symlink_to("mine")


def open_to_all(name: Path) -> None:
    name.mkdir()
    name.chmod(0o777)


@pytest.mark.parametrize("take", [Path.touch, linked, open_to_all])
def test_a_name_that_is_taken_is_told_with_the_mend(
    temporary: Path, take: Callable[[Path], None]
) -> None:
    take(temporary)
    with pytest.raises(LockError) as caught:
        lock_directory()
    assert str(temporary) in caught.value.message
    assert "TMPDIR" in (caught.value.hint or "")


def test_a_directory_of_somebody_else_is_told_with_its_owner(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = os.geteuid() + 1
    monkeypatch.setattr("os.geteuid", lambda: somebody)
    theirs = temporary.with_name(f"roost-{somebody}")
    theirs.mkdir(mode=0o700)
    with pytest.raises(LockError) as caught:
        lock_directory()
    seen = f"{theirs} is to hold this user's locks, but is drwx------ of {theirs.owner()}"
    assert caught.value.message == seen


def test_no_place_at_all_is_told(temporary: Path) -> None:
    temporary.parent.rmdir()
    with pytest.raises(LockError, match="no place for locks"):
        lock_directory()


def test_a_link_in_a_locks_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "x.lock").symlink_to("victim")
    with pytest.raises(LockError, match=r"x\.lock"):
        open_lock(tmp_path / "x.lock")
    assert not (tmp_path / "victim").exists()


def test_dockers_networks_are_made_under_such_a_lock(temporary: Path) -> None:
    engine = DockerEngine("unix:///none", environ={}, api_version="1.41")
    temporary.touch()
    with pytest.raises(LockError):
        engine._create_network("lab", {})
    temporary.unlink()
    with pytest.raises(RoostError, match="unix:///none"):
        engine._create_network("lab", {})
    assert [path.name for path in temporary.iterdir()] == ["network.lock"]
