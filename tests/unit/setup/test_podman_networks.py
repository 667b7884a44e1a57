"""Whether Podman has what its networks take, and what settles it for netavark."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from roost.setup.podman_networks import CHOOSE_NETAVARK, SETTINGS, is_complete, makes_networks

CNI: Mapping[str, Any] = {"networkBackend": "cni"}
NETAVARK: Mapping[str, Any] = {"networkBackend": "netavark"}


@pytest.mark.parametrize(
    ("told", "programs", "complete"),
    [
        (NETAVARK, ["netavark", "aardvark-dns"], True),
        (NETAVARK, ["netavark"], False),
        (CNI, ["netavark", "aardvark-dns"], False),
        (CNI, ["bridge"], True),
        ({}, [], True),
        (
            {**NETAVARK, "networkBackendInfo": {"path": "/a/netavark", "dns": {"path": "/a/dns"}}},
            [],
            True,
        ),
        ({**NETAVARK, "networkBackendInfo": {"path": "/a/netavark", "dns": {}}}, [], False),
    ],
)
def test_the_programs_of_the_back_end_have_to_be_there(
    tmp_path: Path, told: Mapping[str, Any], programs: list[str], complete: bool
) -> None:
    places = [tmp_path / "one", tmp_path / "other"]
    for number, place in enumerate(places):
        place.mkdir()
        for name in programs[number::2]:
            (place / name).touch(0o755)
    assert is_complete(told, tuple(map(str, places))) is complete


def test_what_settles_for_netavark_is_a_file_that_podman_reads(tmp_path: Path) -> None:
    (*shell, script) = CHOOSE_NETAVARK
    for _ in range(2):
        subprocess.run([*shell, script.replace("/etc", str(tmp_path))], check=True)
    written = tmp_path / Path(SETTINGS).relative_to("/etc")
    assert tomllib.loads(written.read_text()) == {"network": {"network_backend": "netavark"}}


@pytest.mark.parametrize("script", ["exit 125", "echo nonsense", "echo '{}'"])
def test_a_podman_that_tells_nothing_is_left_to_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    podman = tmp_path / "podman"
    podman.write_text(f"#!/bin/sh\n{script}\n")
    podman.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert makes_networks()
