"""condor_master's children, in a /proc of files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from roost.node.health.daemons import DaemonWatch, children_of

SUPERVISORD, MASTER = 1, 10


class Proc:
    """A directory that looks like /proc."""

    def __init__(self, at: Path, *, lists_children: bool) -> None:
        self.at = at
        self.lists_children = lists_children
        self.parents: dict[int, int] = {}

    def start(self, pid: int, program: str, parent: int) -> None:
        task = self.at / f"{pid}/task/{pid}"
        task.mkdir(parents=True)
        self.parents[pid] = parent
        (self.at / str(pid) / "cmdline").write_bytes(f"/usr/sbin/{program}\0-f\0".encode())
        fields = " ".join(["S", str(parent), *["0"] * 17, "100"])
        (self.at / str(pid) / "stat").write_text(f"{pid} (a ) name) {fields} 0 0\n")
        self._list()

    def end(self, pid: int) -> None:
        shutil.rmtree(self.at / str(pid))
        del self.parents[pid]
        self._list()

    def _list(self) -> None:
        if self.lists_children:
            for pid in self.parents:
                children = [child for child, parent in self.parents.items() if parent == pid]
                path = self.at / f"{pid}/task/{pid}/children"
                path.write_text("".join(f"{child} " for child in children))


@pytest.fixture(params=[True, False], ids=["children", "search"])
def proc(request: pytest.FixtureRequest, tmp_path: Path) -> Proc:
    made = Proc(tmp_path, lists_children=request.param)
    made.start(SUPERVISORD, "roost-node", 0)
    made.start(7, "roost-node", SUPERVISORD)
    made.start(MASTER, "condor_master", SUPERVISORD)
    made.start(11, "condor_shared_port", MASTER)
    made.start(12, "condor_schedd", MASTER)
    made.start(13, "condor_shadow", 12)
    return made


def names(watch: DaemonWatch) -> dict[str, tuple[bool, int]]:
    return {one.name: (one.up, one.restarts) for one in watch.daemons.values()}


def test_the_master_s_children_are_daemons(proc: Proc) -> None:
    watch = DaemonWatch(SUPERVISORD, proc.at)
    assert watch.look(1.0)
    assert names(watch) == {"SHARED_PORT": (True, 0), "SCHEDD": (True, 0)}
    assert not watch.look(2.0), "nothing happened since"


def test_a_daemon_that_ends_and_starts_again_is_counted(proc: Proc) -> None:
    watch = DaemonWatch(SUPERVISORD, proc.at)
    watch.look(1.0)
    proc.end(12)
    assert watch.look(2.0)
    assert watch.daemons["SCHEDD"].ended == 2.0
    assert not watch.look(3.0)
    proc.start(14, "condor_master", MASTER)  # forked, and not yet the schedd
    assert not watch.look(4.0)
    proc.end(14)
    proc.start(14, "condor_schedd", MASTER)
    assert watch.look(5.0)
    assert names(watch)["SCHEDD"] == (True, 1)


def test_a_daemon_replaced_between_two_looks_is_counted(proc: Proc) -> None:
    watch = DaemonWatch(SUPERVISORD, proc.at)
    watch.look(1.0)
    proc.end(12)
    proc.start(15, "condor_schedd", MASTER)
    assert watch.look(2.0)
    assert names(watch)["SCHEDD"] == (True, 1)


def test_without_condor_master_every_daemon_has_ended(proc: Proc) -> None:
    watch = DaemonWatch(SUPERVISORD, proc.at)
    watch.look(1.0)
    for pid in (13, 12, 11, MASTER):
        proc.end(pid)
    assert watch.look(2.0)
    assert names(watch) == {"SHARED_PORT": (False, 0), "SCHEDD": (False, 0)}
    proc.start(20, "condor_master", SUPERVISORD)
    proc.start(21, "condor_schedd", 20)
    assert watch.look(3.0)
    assert names(watch)["SCHEDD"] == (True, 1)


def test_a_process_that_is_not_there_has_no_children(proc: Proc) -> None:
    assert children_of(proc.at, 999) is None
    assert children_of(proc.at, 13) == []


def test_what_started_when_is_told_by_the_kernel() -> None:
    import os
    import time

    watch = DaemonWatch(os.getppid())
    started = watch._started(os.getpid())
    assert started is not None
    assert 0 <= time.time() - started < 24 * 3600
