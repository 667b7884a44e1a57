"""The directories that each start of a node makes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from roost.node.places import (
    close_run_place,
    close_secrets,
    ensure_run_dirs,
    ensure_temporary_dirs,
)
from roost.node.say import NodeError


def test_both_are_made_where_nothing_is_and_left_where_they_are(tmp_path: Path) -> None:
    run, condor = tmp_path / "roost", tmp_path / "condor"
    for _ in range(2):
        ensure_run_dirs(run, condor, condor_gid=os.getgid())
        assert stat.S_IMODE(run.stat().st_mode) == 0o755
        assert stat.S_IMODE(condor.stat().st_mode) == 0o775
        assert condor.stat().st_gid == os.getgid()
        assert list(run.iterdir()) == []


def test_where_nothing_can_be_written_the_mend_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NodeError, match="--tmpfs /run") as caught:
        ensure_run_dirs(tmp_path / "file" / "roost", tmp_path / "condor", condor_gid=0)
    assert str(tmp_path / "file") in str(caught.value)


@pytest.mark.parametrize("mode", [0o755, 0o777, 0o1777])
def test_temporary_files_are_everybodys_and_each_his_own(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    ensure_temporary_dirs([tmp_path])
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


def test_a_missing_directory_for_temporary_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="no-such"):
        ensure_temporary_dirs([tmp_path / "no-such"])


def test_run_is_roots_alone_where_an_engine_has_made_it_everybodys(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    close_run_place(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    tmp_path.chmod(0o711)
    close_run_place(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o711


def test_nobody_but_root_gets_into_the_directory_of_secrets(tmp_path: Path) -> None:
    close_secrets(tmp_path / "none")
    tmp_path.chmod(0o755)
    close_secrets(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
