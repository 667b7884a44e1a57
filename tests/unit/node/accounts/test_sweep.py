"""Removing what an account has left, on real directories."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from roost.node.accounts.starter import slot_of
from roost.node.accounts.sweep import clear, ipc_of, kill_all

NOBODY = 59_999
"""A uid that nothing on the host has."""


def swept(top: Path) -> list[str]:
    descriptor = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return list(clear(descriptor, os.getuid()))
    finally:
        os.close(descriptor)


def test_everything_of_the_account_goes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x").write_text("x")
    (tmp_path / "a" / "b").chmod(0)
    (tmp_path / "a").chmod(0)
    assert swept(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    assert Path("/etc/passwd").exists()


def test_no_nesting_is_too_deep(tmp_path: Path) -> None:
    nest = "import os\nfor _ in range(3000):\n    os.mkdir('nested'); os.chdir('nested')"
    subprocess.run([sys.executable, "-c", nest], cwd=tmp_path, check=True)
    assert swept(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_of_others_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root could give files to others, so that they are somebody else's is what is said of them."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "mine").write_text("x")
    (tmp_path / "theirs" / "file").write_text("x")
    lstat = os.lstat

    def owned(name: str, *, dir_fd: int) -> os.stat_result:
        facts = list(lstat(name, dir_fd=dir_fd))
        if name in ("theirs", "file"):
            facts[stat.ST_UID] = NOBODY
        return os.stat_result(facts)

    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", owned)
        assert swept(tmp_path) == []
    assert [path.name for path in tmp_path.rglob("*")] == ["theirs", "file"]


def test_processes_are_ended_by_their_own_account_alone() -> None:
    with pytest.raises(Exception, match="does not end the processes of uid"):
        list(kill_all(NOBODY))


def test_shared_memory_of_an_account(tmp_path: Path) -> None:
    table = tmp_path / "msg"
    table.write_text(
        "       key      msqid perms cbytes qnum lspid lrpid   uid   gid  cuid  cgid\n"
        "         0          7   644      0    0     0     0 30000 30000 30000 30000\n"
        "         0          8   644      0    0     0     0 30001 30001 30000 30000\n"
        "         0          9   644      0    0     0     0 30002 30002 30002 30002\n"
    )
    assert ipc_of(30000, str(table)) == ["7", "8"]
    assert ipc_of(30003, str(table)) == []
    assert ipc_of(30000, str(tmp_path / "none")) == []


@pytest.mark.parametrize(
    ("arguments", "slot"),
    [
        ("-f -local-name slot_type_1 -a slot1_1 192.0.2.1", "slot1_1"),
        ("-f -local-name slot_type_1 -a2 D_ALL,-a,slot1_9 -a slot1_2 submit", "slot1_2"),
        ("-f -a slot1_3@mine submit", "slot1_3"),
        ("-classad", None),
        ("-f -append testing -classad", None),
    ],
)
def test_the_slot_that_a_starter_is_for(arguments: str, slot: str | None) -> None:
    assert slot_of(["condor_starter", *arguments.split()]) == slot
