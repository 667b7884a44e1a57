"""Which means an executor has to bound its jobs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roost.node import enforcement
from roost.node.enforcement import (
    Enforcement,
    Means,
    can_mount,
    delegated,
    find_enforcement,
    has_cpu_quota,
    render_enforcement,
)

V2 = ["0::/\n"]


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """What is mounted read-only: to root, every mode is writable."""
    paths: set[Path] = set()
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) not in paths)
    return paths


def test_control_groups_of_version_2(tmp_path: Path, read_only: set[Path]) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    assert delegated(tmp_path, V2) is Means.CGROUP_V2
    (tmp_path / "cgroup.controllers").write_text("cpu pids\n")
    assert delegated(tmp_path, V2) is None, "without memory they bound none"
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids\n")
    read_only.add(tmp_path)
    assert delegated(tmp_path, V2) is None, "engines mount them read-only"


def test_the_own_group_counts_where_others_are_seen(tmp_path: Path, read_only: set[Path]) -> None:
    own = tmp_path / "system.slice" / "node"
    own.mkdir(parents=True)
    for group in (tmp_path, own):
        (group / "cgroup.controllers").write_text("memory\n")
    memberships = ["0::/system.slice/node\n"]
    read_only.add(tmp_path)
    assert delegated(tmp_path, memberships) is Means.CGROUP_V2
    read_only.add(own)
    assert delegated(tmp_path, memberships) is None


def test_control_groups_of_version_1(tmp_path: Path, read_only: set[Path]) -> None:
    for controller in ("memory", "cpu,cpuacct"):
        (tmp_path / controller).mkdir()
    assert delegated(tmp_path, ["2:memory:/\n"]) is None, "HTCondor wants freezer too"
    (tmp_path / "freezer").mkdir()
    assert delegated(tmp_path, ["2:memory:/\n"]) is Means.CGROUP_V1
    read_only.add(tmp_path / "memory")
    assert delegated(tmp_path, ["2:memory:/\n"]) is None


@pytest.mark.parametrize(
    ("file", "text", "bound"),
    [
        ("cpu.max", "max 100000\n", False),
        ("cpu.max", "150000 100000\n", True),
        ("cpu/cpu.cfs_quota_us", "-1\n", False),
        ("cpu/cpu.cfs_quota_us", "100000\n", True),
        ("other", "", False),
    ],
)
def test_a_bound_on_cpu_time(tmp_path: Path, file: str, text: str, bound: bool) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    assert has_cpu_quota(tmp_path) is bound


@pytest.mark.parametrize(
    ("group", "quota", "memory", "cpus"),
    [
        (Means.CGROUP_V2, True, Means.CGROUP_V2, Means.CGROUP_V2),
        (Means.CGROUP_V1, False, Means.CGROUP_V1, Means.CGROUP_V1),
        (None, True, Means.POLICY, Means.CONTAINER),
        (None, False, Means.POLICY, Means.NONE),
    ],
)
def test_the_strongest_is_chosen(
    monkeypatch: pytest.MonkeyPatch, group: Means | None, quota: bool, memory: Means, cpus: Means
) -> None:
    monkeypatch.setattr(enforcement, "delegated", lambda *_: group)
    monkeypatch.setattr(enforcement, "has_cpu_quota", lambda _: quota)
    monkeypatch.setattr(enforcement, "can_mount", lambda: False)
    assert find_enforcement() == Enforcement(memory, cpus, private_tmp=False)


def test_trying_to_mount_changes_nothing_here() -> None:
    before = Path("/proc/self/mounts").read_text()
    assert can_mount() in (True, False)
    assert Path("/proc/self/mounts").read_text() == before


def test_tmp_is_private_only_where_it_can_be() -> None:
    private = render_enforcement(Enforcement(Means.CGROUP_V2, Means.CGROUP_V2, private_tmp=True))
    shared = render_enforcement(Enforcement(Means.POLICY, Means.NONE, private_tmp=False))
    assert "MOUNT_UNDER_SCRATCH = /tmp, /var/tmp\n" in private
    assert "MOUNT_UNDER_SCRATCH" not in shared
    assert 'RoostMemoryEnforcement = "policy"\n' in shared
    assert "RoostPrivateTmp = False\n" in shared


@pytest.mark.parametrize("effective", ["0000000000000000", "00000000000000e3", "000001ffffdfffff"])
def test_nothing_is_tried_without_the_capability(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, effective: str
) -> None:
    status = tmp_path / "status"
    status.write_text(f"Name:\troost-node\nCapPrm:\t000001ffffffffff\nCapEff:\t{effective}\n")
    monkeypatch.setattr(enforcement, "_STATUS", status)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("it was tried"))
    assert not can_mount()
