"""``roost images advisories``: what it prints, its exit code, and the mend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roost.images.advisories import InstalledPackage
from tests.unit.cli.conftest import Roost
from tests.unit.images.advisories.samples import DATA, JQ, OPENSSL, ZLIB, sbom


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> list[InstalledPackage]:
    """What is in every image."""
    there = [OPENSSL, ZLIB, JQ]
    monkeypatch.setattr("roost.images.advisories.get_sbom", lambda _engine, _image: sbom(*there))
    return there


@pytest.fixture(autouse=True)
def data(here: Path) -> Path:
    """A file with the tracker's data."""
    (here / "data").write_bytes(DATA)
    return here / "data"


def test_a_table_the_worst_first(roost: Roost, packages: list[InstalledPackage]) -> None:
    roost("build")
    told = roost("images", "advisories", "--source", "data")
    assert told.exit_code == 1
    rows = [line.split("  ") for line in told.stdout.splitlines()]
    assert [[cell.strip() for cell in row if cell] for row in rows] == [
        ["VULNERABILITY", "PACKAGE", "INSTALLED", "FIXED", "URGENCY", "REMOTE"],
        ["CVE-2024-0001", "openssl", "3.5.1-1+b1", "openssl 3.5.1-1+deb13u1", "high", "yes"],
        ["CVE-2025-0002", "openssl", "3.5.1-1+b1", "none yet", "medium", "unknown"],
        ["TEMP-0841856-B18BAF", "zlib1g", ZLIB.version, "none yet", "unknown", "no"],
        [],
        ["3 known vulnerabilities in 2 of 3 packages of trixie; a fix is there for 1."],
    ]
    assert told.stderr == (
        "Hint: `roost build --refresh` makes images with the packages of today;"
        " `roost up` takes a pool to them\n"
    )


def test_only_those_with_a_fix(roost: Roost, packages: list[InstalledPackage]) -> None:
    roost("build")
    told = roost("images", "advisories", "--source", "data", "--only-fixed")
    assert told.exit_code == 1
    assert "CVE-2024-0001" in told.stdout
    assert "CVE-2025-0002" not in told.stdout
    assert "3 known vulnerabilities" in told.stdout


def test_without_a_fix_there_is_nothing_to_do(
    roost: Roost, packages: list[InstalledPackage]
) -> None:
    packages.remove(OPENSSL)
    roost("build")
    told = roost("images", "advisories", "--source", "data")
    assert (told.exit_code, told.stderr) == (0, "")
    assert "TEMP-0841856-B18BAF" in told.stdout
    told = roost("images", "advisories", "--source", "data", "--only-fixed")
    assert told.exit_code == 0
    assert told.stdout == (
        "1 known vulnerability in 1 of 2 packages of trixie; a fix is there for none.\n"
    )


def test_nothing_is_known(roost: Roost, packages: list[InstalledPackage]) -> None:
    packages[:] = [JQ]
    roost("build")
    told = roost("images", "advisories", "--source", "data")
    assert (told.exit_code, told.stdout, told.stderr) == (
        0,
        "No known vulnerability in 1 package of trixie.\n",
        "",
    )


def test_as_data(roost: Roost, packages: list[InstalledPackage]) -> None:
    roost("build")
    told = roost("images", "advisories", "--source", "data", "--json")
    assert told.exit_code == 1
    found = json.loads(told.stdout)
    assert (found["suite"], found["source"], found["packages"]) == ("trixie", "data", 3)
    assert found["findings"][0] == {
        "id": "CVE-2024-0001",
        "description": "The first, with a comma",
        "package": "openssl",
        "installed_version": "3.5.1-1+b1",
        "source_package": "openssl",
        "source_version": "3.5.1-1",
        "fix_available": True,
        "fixed_version": "3.5.1-1+deb13u1",
        "urgency": "high",
        "remote": True,
    }
    assert [found["findings"][2][key] for key in ("urgency", "remote", "fixed_version")] == [
        None,
        False,
        None,
    ]
    only = roost("images", "advisories", "--source", "data", "--json", "--only-fixed")
    assert [one["id"] for one in json.loads(only.stdout)["findings"]] == ["CVE-2024-0001"]


def test_the_mend_is_for_the_same_images(
    roost: Roost, packages: list[InstalledPackage], here: Path
) -> None:
    (here / "lab.toml").write_text('version = 1\nsuite = "forky"\n')
    roost("build", "-f", "lab.toml")
    told = roost("images", "advisories", "--source", "data", "-f", "lab.toml", "--suite", "forky")
    assert "of forky; a fix is there" in told.stdout
    assert "`roost build --refresh -f lab.toml --suite forky`" in told.stderr
    told = roost(
        "images", "advisories", "--source", "data", "--image", "roost-submit:25.14.0-forky"
    )
    assert told.exit_code == 1


def test_an_image_of_ones_own_is_built_anew_by_hand(
    roost: Roost, packages: list[InstalledPackage]
) -> None:
    roost("build")
    told = roost(
        "images", "advisories", "--source", "data", "--image", "roost-submit:23.9.6-trixie"
    )
    assert told.exit_code == 1
    assert "`roost build --refresh` makes Roost's images anew; build yours anew" in told.stderr
    wrong = roost("images", "advisories", "master", "--image", "mine:1")
    assert wrong.exit_code == 2
    assert "leave ROLE, -f and --suite out" in wrong.stderr


def test_images_that_are_not_built(roost: Roost, packages: list[InstalledPackage]) -> None:
    failed = roost("images", "advisories", "--source", "data")
    assert failed.exit_code == 1
    assert "`roost build` makes them" in failed.stderr


def test_data_that_cannot_be_had_or_read(
    roost: Roost, packages: list[InstalledPackage], data: Path
) -> None:
    roost("build")
    failed = roost("images", "advisories", "--source", "nosuch", "--json")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "cannot read vulnerability data from nosuch: No such file" in failed.stderr
    data.write_bytes(b"<html>")
    failed = roost("images", "advisories", "--source", "data")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "data is not vulnerability data as debsecan reads it" in failed.stderr
    assert roost("images", "advisories", "--source", "ftp://a.example").exit_code == 2
