"""A builder's world without a network: an engine in memory and a stand-in for mmdebstrap."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from roost.engines.fake import FakeEngine
from roost.engines.protocol import BuildSpec
from roost.images import base

HTCONDOR = "23.9.6"
DEBIAN: dict[str, dict[str, str]] = {"debian:trixie-slim": {}, "debian:forky-slim": {}}


def tell_version(spec: BuildSpec, on_output: Callable[[str], None]) -> None:
    """What a real build of the shared stage says at its end."""
    on_output(f"Setting up something ({spec.tag}) ...")
    on_output(f"roost-package condor {HTCONDOR}+dfsg-2.1")


@pytest.fixture
def engine() -> FakeEngine:
    """With a registry that has Debian's images."""
    return FakeEngine(registry=DEBIAN, on_build=tell_version)


@pytest.fixture
def lonely_engine() -> FakeEngine:
    """Without a registry."""
    return FakeEngine(on_build=tell_version)


@pytest.fixture(autouse=True)
def temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Root file systems in a directory of the test's own."""
    directory = tmp_path / "tmp"
    directory.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(directory))
    return directory


@pytest.fixture(autouse=True)
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the locks of this test are, as on a host with systemd."""
    directory = tmp_path / "run" / str(os.geteuid())
    directory.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr("roost.locks.RUNTIME_DIRS", str(directory.parent))
    return directory / "roost"


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this host's apt sources."""
    monkeypatch.setattr(base, "find_mirror", lambda: None)


Install = Callable[[str], Path]


@pytest.fixture
def install_mmdebstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a shell script in mmdebstrap's place; its arguments are kept in the returned file."""

    def install(script: str) -> Path:
        programs = tmp_path / "bin"
        programs.mkdir(exist_ok=True)
        program, arguments = programs / "mmdebstrap", tmp_path / "arguments"
        program.write_text(
            "#!/bin/sh\n"
            f"printf '%s\\n' \"$@\" >> {arguments}\n"
            'for word; do case "$word" in *root.tar) target="$word";; esac; done\n'
            f"{script}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
        return arguments

    return install


WORKS = 'echo "I: running apt-get update..."; printf tar > "$target"'
