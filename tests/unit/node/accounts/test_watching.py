"""Who looks after accounts while jobs run: locks, memory, and directories that are closed."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from roost.contract import Role
from roost.node.accounts import afterwards, memory
from roost.node.accounts.afterwards import Janitor
from roost.node.accounts.closed import close_directory, closed_directories
from roost.node.accounts.memory import (
    MemoryWatch,
    Status,
    read_kept,
    read_status,
    render_memory,
    used_mb,
)
from roost.node.say import NodeError


def test_the_janitor_leaves_accounts_with_a_job_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: dict[str, int] = {}

    def start(account: str) -> int:
        swept[account] = os.posix_spawn("/bin/true", ["true"], {})
        return swept[account]

    monkeypatch.setattr(afterwards, "_start", start)
    for account, text in (("busy", "\n"), ("over", "\n"), ("clean", "")):
        (tmp_path / account).write_text(text)
    with (tmp_path / "busy").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        janitor = Janitor(str(tmp_path))
        assert janitor.glance() == ["busy"]
        assert list(swept) == ["over"]
    os.waitpid(swept["over"], 0)
    assert Janitor(str(tmp_path / "none")).glance() == []


def test_memory_is_told_as_ads_of_slots() -> None:
    assert render_memory({"slot1_1": 42}, 1000.7) == (
        "RoostJobMemory = 42\nRoostJobMemoryTime = 1000\n"
        'SlotMergeConstraint = regexp("^slot1_1@", TARGET.Name)\n- slot1_1\n'
    )


def test_memory_is_told_now_and_then_and_the_file_stays_small(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    file.write_text("x" * 2_000_000)

    used_mb = 5

    def measure(uids: Mapping[str, int]) -> Mapping[str, int]:
        return dict.fromkeys(uids, used_mb)

    def times_told() -> int:
        return file.read_text().count("- root")

    watch = MemoryWatch(file, measure)
    watch.look([], 1.0)
    assert file.stat().st_size == 2_000_000
    watch.look(["root"], 2.0)
    told = file.read_text()
    assert told.startswith("RoostJobMemory = 5\n")
    watch.look(["root"], 3.0)
    assert file.read_text() == told
    watch.look(["root"], 6.0)
    assert times_told() == 2, "a new job's is told each time"
    watch.look(["root"], 20.0)
    assert times_told() == 2, "it is known"
    used_mb = 50
    watch.look(["root"], 24.0)
    assert times_told() == 3, "it changed"
    watch.look(["root"], 60.0)
    assert times_told() == 4, "it may be another job's"
    watch.look([], 62.0)
    watch.look(["root"], 64.0)
    assert times_told() == 5, "it is another job's"


def test_memory_of_an_account_is_that_of_its_processes() -> None:
    uid, private_kb, _ = read_status(Path("/proc/self/status"))
    assert uid == os.getuid()
    assert private_kb > 1000
    assert used_mb({"me": uid})["me"] >= private_kb // 1024 - 1
    assert read_status(Path("/proc/none/status")) == Status(-1, 0, 0)


def test_shared_memory_counts_without_a_process_that_has_it(tmp_path: Path) -> None:
    me, other = os.getuid(), os.getuid() + 1
    (tmp_path / "deep").mkdir()
    for name in ("one", "deep/two"):
        (tmp_path / name).write_bytes(b"x" * 300 * 1024)
    os.link(tmp_path / "one", tmp_path / "one again")
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 10**9)
    (tmp_path / "elsewhere").symlink_to("/usr")
    table = tmp_path / "table"
    table.write_text(f"key shmid uid cuid rss\n0 1 {me} {other} 8192\n0 2 {other} {me} 4096\n")
    kept_kb = read_kept([me, other], str(tmp_path), str(table))
    assert kept_kb[other] == 8
    assert kept_kb[me] == pytest.approx(604, abs=20)  # the table itself is a file there
    assert read_kept([me], str(tmp_path / "none"), str(tmp_path / "none")) == {me: 0}


def test_many_small_files_keep_nobody_from_working(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_MOST_FILES", 3)
    for number in range(9):
        (tmp_path / str(number)).write_bytes(b"x" * 4096)
    assert read_kept([os.getuid()], str(tmp_path), "/none") == {os.getuid(): 12}


def test_what_is_mapped_and_kept_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    uid = 2**30
    monkeypatch.setattr(memory, "read_status", lambda _: Status(uid, 10 * 1024, 20 * 1024))
    monkeypatch.setattr(
        "roost.node.accounts.memory.os.scandir",
        lambda _: [SimpleNamespace(name="7", path="/proc/7")],
    )
    for kept_mb, used in ((5, 30), (50, 60)):
        monkeypatch.setattr(memory, "read_kept", lambda _, kb=kept_mb * 1024: {uid: kb})
        assert used_mb({"job": uid}) == {"job": used}


def test_a_directory_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    close_directory(str(tmp_path), 0o750, owner=os.getuid())
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_directory_that_cannot_be_closed_stops_the_node(tmp_path: Path) -> None:
    with pytest.raises(
        NodeError, match=r"cannot be closed to jobs and users: it belongs to \d+:\d+"
    ):
        close_directory(str(tmp_path), 0o750, owner=os.getuid() + 1)


def test_nobody_may_list_logs_and_spool() -> None:
    for role in Role:
        assert {mode & 0o006 for mode in closed_directories(role).values()} == {0}
