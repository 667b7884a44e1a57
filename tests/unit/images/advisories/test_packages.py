import json

import pytest

from roost.errors import RoostError
from roost.images.advisories import InstalledPackage
from roost.images.advisories.packages import read_debian_packages
from roost.node.sbom.document import render_document
from roost.node.sbom.packages import Package
from tests.unit.images.advisories.samples import JQ, LIBSSL, sbom


def test_debians_packages_alone() -> None:
    assert read_debian_packages(sbom(LIBSSL, JQ), image="mine:1") == [LIBSSL, JQ]


def test_as_the_images_list_them() -> None:
    listed = [
        Package("deb", LIBSSL.name, LIBSSL.version, "amd64", LIBSSL.source, LIBSSL.source_version),
        Package("pypi", "six", "1.17.0"),
    ]
    document = json.dumps(render_document(listed, {"ID": "debian", "VERSION_ID": "13"}))
    assert read_debian_packages(document.encode(), image="mine:1") == [LIBSSL]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"components": 1}',
        b'{"components": [1]}',
        b'{"components": [{"purl": "pkg:deb/debian/jq@1", "name": "jq", "version": "1"}]}',
        b'{"components": [{"purl": "pkg:deb/debian/jq@1", "properties": []}]}',
        b'{"components": [{"purl": 1}]}',
        b"[" * 100_000,
    ],
)
def test_a_document_of_somebody_else(document: bytes) -> None:
    with pytest.raises(RoostError, match=r"the bill of materials of mine:1 cannot be read: "):
        read_debian_packages(document, image="mine:1")


def test_a_document_without_a_debian_package() -> None:
    with pytest.raises(RoostError, match="lists no Debian package"):
        read_debian_packages(sbom(), image="mine:1")


@pytest.mark.parametrize(
    ("package", "seen"),
    [
        (InstalledPackage("jq", "1_2", "jq", "1"), "'1_2' is no version"),
        (InstalledPackage("jq", "1", "jq", ""), "'' is no version"),
        (InstalledPackage("jq\x1b[2J", "1", "jq", "1"), r"'jq\\x1b\[2J' is no name"),
        (InstalledPackage("jq", "1", "", "1"), "'' is no name"),
    ],
)
def test_what_dpkg_would_not_have_installed(package: InstalledPackage, seen: str) -> None:
    with pytest.raises(RoostError, match=f"mine:1 cannot be read: ValueError: {seen}"):
        read_debian_packages(sbom(package), image="mine:1")
