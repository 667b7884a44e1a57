"""What ends each step of a build, on a root file system in a directory."""

import os
from pathlib import Path

import pytest

from roost.images.recipes import finish

PACKAGED_S, NEWEST_S, BEGAN_S, NOW_S = 1_600_000_000, 1_700_000_000, 1_750_000_000, 1_750_000_060


def put(root: Path, path: str, time_s: int, text: str = "x") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, (time_s, time_s))
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two packaged files, one more that the build changed, and one that dpkg left out."""
    put(tmp_path, "usr/bin/old", PACKAGED_S)
    put(tmp_path, "usr/bin/new", NEWEST_S)
    put(tmp_path, "etc/changed", NOW_S)
    put(
        tmp_path,
        "var/lib/dpkg/info/some.list",
        NOW_S,
        "/.\n/usr/bin\n/usr/bin/old\n/usr/bin/new\n/etc/changed\n/usr/share/doc/left-out\n",
    )
    return tmp_path


def test_the_newest_packaged_file_that_the_build_left_alone(root: Path) -> None:
    assert finish.newest_package(root, BEGAN_S) == NEWEST_S
    assert finish.newest_package(root, float("inf")) == NOW_S


def test_what_is_newer_gets_that_time_and_what_is_older_keeps_its_own(root: Path) -> None:
    (root / "usr/link").symlink_to("nowhere")
    finish.clamp_times(root, NEWEST_S)
    times = {str(path.relative_to(root)): path.lstat().st_mtime for path in root.rglob("*")}
    assert times["usr/bin/old"] == PACKAGED_S
    assert {time for path, time in times.items() if path != "usr/bin/old"} == {NEWEST_S}
    assert "usr/link" in times
    assert root.stat().st_mtime == NEWEST_S


def test_what_the_engine_mounts_is_not_touched(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, "proc/1/stat", NOW_S)
    put(root, "etc/resolv.conf", NOW_S)
    mounted = frozenset({f"{root}/proc", f"{root}/etc/resolv.conf"})
    monkeypatch.setattr(finish, "mount_points", lambda: mounted)
    finish.clamp_times(root, NEWEST_S)
    for path in ("proc/1/stat", "etc/resolv.conf"):
        assert (root / path).stat().st_mtime == NOW_S
    assert (root / "etc/changed").stat().st_mtime == NEWEST_S


def test_mount_points_are_those_of_the_kernels_table(tmp_path: Path) -> None:
    table = put(
        tmp_path,
        "mountinfo",
        NOW_S,
        "21 20 0:5 / / rw - overlay overlay rw\n22 21 0:6 / /a\\040b rw shared:1 - proc proc rw\n",
    )
    assert finish.mount_points(table) == {"/", "/a b"}


def test_accounts_are_as_old_as_the_packages(root: Path) -> None:
    text = (
        "root:*:20500:0:99999:7:::\ncondor:!:20501:0:99999:7:::\nroost:!:0::::::\nodd:!::::::::\n"
    )
    shadow = put(root, "etc/shadow", NOW_S, text)
    finish.set_account_dates(root, NEWEST_S)
    day = NEWEST_S // 86400
    assert [line.split(":")[2] for line in shadow.read_text().splitlines()] == [
        *(str(day), str(day), str(day), ""),
    ]
    assert [line.count(":") for line in shadow.read_text().splitlines()] == [8, 8, 8, 9]


def test_what_tells_of_the_build_alone_goes(root: Path) -> None:
    gone = [
        "var/lib/apt/lists/mirror_Packages",
        "var/lib/apt/lists/auxfiles/x",
        "var/log/apt/history.log",
        "var/log/dpkg.log",
        "var/cache/ldconfig/aux-cache",
        "var/lib/dpkg/status-old",
        "etc/shadow-",
        "tmp/x/y",
        "usr/sbin/policy-rc.d",
    ]
    stays = [
        "var/lib/apt/lists/lock",
        "var/lib/dpkg/status",
        "etc/shadow",
        "var/log/btmp",
        "usr/bin/old",
    ]
    for path in (*gone, *stays):
        put(root, path, NOW_S)
    finish.remove_left_behind(root)
    assert [path for path in gone if (root / path).exists()] == []
    assert [path for path in stays if not (root / path).exists()] == []
    assert (root / "tmp").is_dir()
