"""The pure parts of the helper that brings engines up for tests."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

from tests.enginehost.containers_conf import Machine, look, render
from tests.enginehost.packages import NEEDS, is_static
from tests.enginehost.rootfs import DATA_DIR, DATA_OWNER, write_rootfs


def test_a_machine_like_any_other_needs_no_settings() -> None:
    assert render(Machine(may_raise_limits=True, unified_cgroups=True)) is None


@pytest.mark.parametrize("may_raise_limits", [False, True])
def test_each_oddity_has_its_setting(may_raise_limits: bool) -> None:
    rendered = render(Machine(may_raise_limits, unified_cgroups=not may_raise_limits))

    assert rendered is not None
    settings = tomllib.loads(rendered)
    assert settings["network"] == {"network_backend": "netavark"}
    assert settings["containers"] == ({} if may_raise_limits else {"default_ulimits": []})
    assert settings["engine"] == ({"runtime": "runc"} if may_raise_limits else {})


@pytest.mark.parametrize(
    ("capabilities", "may"), [("000001ffffffffff", True), ("000001fffeffffff", False)]
)
def test_a_machine_is_known_by_its_files(tmp_path: Path, capabilities: str, may: bool) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/status").write_text(f"Name:\tx\nCapEff:\t{capabilities}\n")
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)

    assert look(tmp_path) == Machine(may_raise_limits=may, unified_cgroups=False)
    (tmp_path / "sys/fs/cgroup/cgroup.controllers").touch()
    assert look(tmp_path) == Machine(may_raise_limits=may, unified_cgroups=True)


def elf(*kinds: int) -> bytes:
    """The head of a program with segments of these kinds."""
    head = bytearray(64)
    head[32:40] = (64).to_bytes(8, "little")
    head[54:56] = (56).to_bytes(2, "little")
    head[56:58] = len(kinds).to_bytes(2, "little")
    return bytes(head) + b"".join(kind.to_bytes(4, "little") + bytes(52) for kind in kinds)


def test_an_interpreter_makes_a_program_dynamic() -> None:
    assert is_static(elf(1, 1, 2))
    assert not is_static(elf(6, 3, 1))
    assert is_static(elf())


def test_what_is_needed_has_a_package_each() -> None:
    assert len({need.package for need in NEEDS}) == len(NEEDS) == len({n.program for n in NEEDS})


@pytest.mark.parametrize("arguments", [(), ("run",), ("run", "--"), ("start", "--", "true")])
def test_a_wrong_command_line_is_told(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.enginehost", *arguments],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "usage:" in done.stderr


def test_the_tiny_root_has_all_that_the_contract_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "busybox"
    program.write_text("#!/bin/sh\necho busybox\necho sh\necho sleep\n")
    program.chmod(0o755)
    monkeypatch.setattr("tests.enginehost.rootfs.static_busybox", lambda: program)

    write_rootfs(tmp_path / "root.tar")

    with tarfile.open(tmp_path / "root.tar") as tar:
        members = {member.name: member for member in tar}
    assert members["bin/busybox"].mode == 0o755
    assert members["bin/sh"].linkname == "busybox"
    data = members[DATA_DIR.lstrip("/")]
    assert (data.uid, data.gid, data.mode) == (DATA_OWNER, DATA_OWNER, 0o750)
    assert {"etc/passwd", "etc/group", "tmp", "var/lib/data/seed"} <= set(members)
