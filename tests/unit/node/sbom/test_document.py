import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from roost import contract
from roost.node.say import NodeError
from roost.node.sbom import packages as packages_module
from roost.node.sbom.document import package_url, render_document
from roost.node.sbom.packages import Package, parse_listing, read_packages
from roost.node.sbom.write import read_release, write_document, write_sbom

RELEASE = {"ID": "debian", "VERSION_ID": "13", "VERSION_CODENAME": "trixie"}
CONDOR = Package(
    *("deb", "condor", "23.9.6+dfsg-2.1+b10", "amd64", "condor", "23.9.6+dfsg-2.1"),
    *("Debian HPC Team <debian-hpc@lists.debian.org>", ("Apache-2.0", "GPL-2+")),
)
BSDUTILS = Package("deb", "bsdutils", "1:2.41.5-0+deb13u1", "amd64", "util-linux", "2.41.5~rc1")
APT = Package("deb", "apt", "3.0.4", "all", "apt", "3.0.4")
SIX = Package("pypi", "Six_Seven", "1.17.0", licenses=("MIT",))
LISTING = (
    "installed\tapt\t3.0.4\tamd64\tapt\t3.0.4\tAPT <deity@lists.debian.org>\n"
    "config-files\tgone\t1\tamd64\tgone\t1\tNobody\n"
)


def components(*packages: Package) -> dict[str, dict[str, object]]:
    document = render_document(packages, RELEASE)
    return {one["name"]: one for one in document["components"]}


def assert_valid(text: str) -> None:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert error is None, error


def test_the_published_schema_has_it() -> None:
    assert_valid(json.dumps(render_document([CONDOR, BSDUTILS, APT, SIX], RELEASE)))
    assert_valid(json.dumps(render_document([], {"ID": "debian", "VERSION_CODENAME": "forky"})))


def test_the_check_against_the_schema_can_fail() -> None:
    document = render_document([CONDOR], RELEASE)
    document["components"][1]["licenses"] = [{"license": {"id": "GPL-2+"}}]
    with pytest.raises(AssertionError):
        assert_valid(json.dumps(document))


def test_a_package_says_what_it_is_and_where_it_is_from() -> None:
    found = components(CONDOR)["condor"]
    assert found["version"] == "23.9.6+dfsg-2.1+b10"
    assert found["supplier"] == {"name": "Debian HPC Team <debian-hpc@lists.debian.org>"}
    assert found["licenses"] == [
        {"license": {"name": "Apache-2.0"}},
        {"license": {"name": "GPL-2+"}},
    ]
    assert found["properties"] == [
        {"name": "roost:dpkg:architecture", "value": "amd64"},
        {"name": "roost:dpkg:source", "value": "condor"},
        {"name": "roost:dpkg:source-version", "value": "23.9.6+dfsg-2.1"},
    ]


@pytest.mark.parametrize(
    ("package", "url"),
    [
        (APT, "pkg:deb/debian/apt@3.0.4?arch=all&distro=debian-13"),
        (
            CONDOR,
            "pkg:deb/debian/condor@23.9.6%2Bdfsg-2.1%2Bb10?arch=amd64&distro=debian-13"
            "&upstream=condor%4023.9.6%2Bdfsg-2.1",
        ),
        (
            BSDUTILS,
            "pkg:deb/debian/bsdutils@1:2.41.5-0%2Bdeb13u1?arch=amd64&distro=debian-13"
            "&upstream=util-linux%402.41.5~rc1",
        ),
        (SIX, "pkg:pypi/six-seven@1.17.0"),
    ],
    ids=["plain", "binary rebuild", "epoch", "python"],
)
def test_package_urls_are_canonical(package: Package, url: str) -> None:
    assert package_url(package, "debian-13") == url
    assert PackageURL.from_string(url).to_string() == url


def test_equal_packages_make_equal_documents_and_others_another() -> None:
    one = render_document([APT, SIX], RELEASE)
    assert render_document([APT, SIX], RELEASE) == one
    assert render_document([APT], RELEASE)["serialNumber"] != one["serialNumber"]
    assert "timestamp" not in one["metadata"]


def test_what_is_only_configured_is_no_package(tmp_path: Path) -> None:
    doc = tmp_path / "usr/share/doc/apt"
    doc.mkdir(parents=True)
    (doc / "copyright").write_text(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        "Files: *\nLicense: GPL-2+\n"
    )
    (apt,) = parse_listing(LISTING, tmp_path)
    assert (apt.name, apt.architecture, apt.licenses) == ("apt", "amd64", ("GPL-2+",))
    assert apt.maintainer == "APT <deity@lists.debian.org>"


def root_with_python(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root file system with packages of pip's, whose dpkg knows apt."""
    for name, metadata in {
        "six": "Metadata-Version: 2.1\nName: six\nVersion: 1.17.0\nLicense: MIT\n",
        "long": "Metadata-Version: 2.1\nName: long\nVersion: 2\nLicense: All of\n        it\n",
        "new": "Metadata-Version: 2.4\nName: new\nVersion: 3\nLicense-Expression: BSD-3-Clause\n",
    }.items():
        place = root / f"usr/local/lib/python3.13/dist-packages/{name}-1.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text(metadata)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text('# one\nID=debian\nVERSION_ID="13"\nNAME="Debian GNU"\n')
    monkeypatch.setattr(packages_module, "_debian", lambda root: parse_listing(LISTING, root))
    return root


def test_pips_packages_are_listed_beside_debians(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_packages(root_with_python(tmp_path, monkeypatch))
    assert [(one.kind, one.name, one.version, one.licenses) for one in found] == [
        ("deb", "apt", "3.0.4", ()),
        ("pypi", "long", "2", ()),
        ("pypi", "new", "3", ("BSD-3-Clause",)),
        ("pypi", "six", "1.17.0", ("MIT",)),
    ]


def test_the_file_is_where_the_label_says_and_for_all_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = root_with_python(tmp_path, monkeypatch)
    assert read_release(root)["NAME"] == "Debian GNU"
    write_document(root)
    file = root / contract.SBOM_FILE.lstrip("/")
    assert_valid(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o644


def test_the_command_takes_nothing() -> None:
    with pytest.raises(NodeError, match="takes no arguments"):
        write_sbom(["/elsewhere"])
