"""What goes into the images: signed packages alone, each of them listed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from roost import Pool
from roost.contract import Role
from roost.engines.protocol import BuildSpec, Engine, File
from roost.errors import ImageBuildError
from roost.images import ImageSet, RoleImage, ensure_derived, find_images
from roost.images.advisories import find_advisories
from roost.images.advisories.packages import read_debian_packages
from roost.images.aptsources import Mirror, Source
from roost.images.bootstrap import bootstrapped
from roost.images.sbom import get_sbom
from roost.spec import Suite
from tests.e2e import archive
from tests.e2e.advisories import as_debsecan_tells, made_up_data
from tests.e2e.conftest import SUITE, RoostCli

Files = dict[str, bytes]

SIGNED = archive.archive_files()
UNSIGNED = archive.unsigned(SIGNED)
OTHER_INDEX = archive.changed(SIGNED, "Packages", b"a test alone", b"a bad reason")
OTHER_PACKAGE = archive.changed(SIGNED, ".deb", b"installed", b"malicious")

_DOCKERFILE = b"ARG BASE\nFROM ${BASE}\nCOPY . /\nRUN rm -f /Dockerfile\n"
_PLACE = "srv/archive"
_KEY = "srv/key.asc"


def test_the_list_is_that_of_dpkg_and_fits_the_published_schema(
    engine: Engine, pool: Pool, roost_cli: RoostCli
) -> None:
    told = roost_cli("images", "sbom", "--suite", SUITE.value)
    assert told.returncode == 0, told.stderr
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told.stdout.decode()) is None
    listed = {
        (one["name"], one["version"], one["properties"][0]["value"])
        for one in json.loads(told.stdout)["components"]
        if one.get("purl", "").startswith("pkg:deb/")
    }
    query = ["dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}\n"]
    for node in ("master", "submit", "execute-1"):
        found = engine.exec(f"{pool.name}-{node}", query).stdout.decode().splitlines()
        assert {tuple(line.split(" ")) for line in found} == listed
    assert "condor" in {name for name, _, _ in listed}


_DEBSECAN = b"""\
ARG BASE
FROM ${BASE}
ARG SUITE
COPY data /srv/data
RUN debsecan --suite ${SUITE} --source file:///srv/data > /srv/told
LABEL roost.sbom=/srv/told
"""
"""What Debian's own program tells of an image, kept in place of the list of packages: so that it can be
read out in the same way."""


def test_vulnerabilities_are_those_that_debians_own_program_tells(
    first_engine: Engine, tmp_path: Path
) -> None:
    engine = first_engine
    images = find_images(engine, SUITE)
    assert images
    # A mirror's copy of a testing release can be past its date; that is the mirror's affair.
    expired = SUITE is not Suite.TRIXIE
    made = ensure_derived(engine, images, apt=["debsecan"], allow_expired_release=expired)
    image = made[Role.EXECUTE]
    tag = f"roost-test-debsecan:{os.getpid()}"
    try:
        packages = read_debian_packages(get_sbom(engine, image.id), image=image.reference)
        data = made_up_data(packages)
        (tmp_path / SUITE).write_bytes(data)
        context = (File("Dockerfile", _DEBSECAN), File(f"data/{SUITE}", data))
        arguments = {"BASE": image.id, "SUITE": SUITE.value}
        engine.build_image(BuildSpec(tag, context, arguments), lambda _line: None)
        told = get_sbom(engine, tag).decode().splitlines()
        found = find_advisories(engine, image.id, source=str(tmp_path))
    finally:
        engine.remove_image(tag)
        engine.remove_image(image.reference)
    assert len(found.findings) > found.packages
    assert as_debsecan_tells(found) == sorted(told)


# The archive is the same for every engine; mmdebstrap runs on the host.


@pytest.fixture
def directory() -> Iterator[Path]:
    """Not below pytest's own, which other users may not enter: mmdebstrap's apt is one of them."""
    with tempfile.TemporaryDirectory(prefix="roost-test-archive-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def serve(directory: Path, files: Files) -> Mirror:
    """An archive in a directory, as a mirror whose packages are vouched for by the test's key."""
    for name, data in files.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    key = directory / "key.asc"
    key.write_bytes(archive.PUBLIC_KEY)
    return Mirror(Source(f"file://{directory}", ("main",), str(key)))


def bootstrap(mirror: Mirror) -> list[str]:
    """What mmdebstrap says while it makes a base from the mirror."""
    said: list[str] = []
    with bootstrapped(
        Suite.TRIXIE, mirror, allow_expired_release=False, on_output=said.append
    ) as made:
        assert made.stat().st_size
    return said


def test_a_base_is_made_from_a_signed_archive(directory: Path) -> None:
    bootstrap(serve(directory, SIGNED))


@pytest.mark.parametrize(
    ("files", "key", "why"),
    [
        (UNSIGNED, True, "signature could not be checked"),
        (SIGNED, False, "signature could not be checked"),
        (OTHER_INDEX, True, "not what its signed index names"),
    ],
    ids=["unsigned", "another key", "another index than was signed"],
)
def test_no_base_is_made_from_any_other(directory: Path, files: Files, key: bool, why: str) -> None:
    mirror = serve(directory, files)
    if not key:
        mirror = Mirror(Source(mirror.main.uri, ("main",)))
    with pytest.raises(ImageBuildError, match=why):
        bootstrap(mirror)


Derive = Callable[[Files, str], ImageSet]


@pytest.fixture
def derive(engine: Engine) -> Iterator[Derive]:
    """Builds the execute image with the archive's package in it, from an archive in the image."""
    images = find_images(engine, SUITE)
    assert images
    made: list[str] = []

    def build(files: Files, options: str) -> ImageSet:
        tag = f"roost-test-archive:{os.getpid()}-{len(made)}"
        sources = f"deb [{options}] file:///{_PLACE} trixie main\n".encode()
        context = (
            File("Dockerfile", _DOCKERFILE),
            *archive.in_context(files, _PLACE),
            File(_KEY, archive.PUBLIC_KEY),
            File("etc/apt/sources.list", sources),
        )
        base = engine.build_image(
            BuildSpec(tag, context, {"BASE": images[Role.EXECUTE].id}), lambda _line: None
        )
        made.append(tag)
        derived = ensure_derived(
            engine, images.with_execute(RoleImage(tag, base.id)), apt=[archive.PACKAGE]
        )
        made.append(derived[Role.EXECUTE].reference)
        return derived

    yield build
    for tag in reversed(made):
        engine.remove_image(tag)


BY_KEY = f"signed-by=/{_KEY}"


def test_software_is_installed_from_a_signed_archive_and_listed(
    engine: Engine, derive: Derive
) -> None:
    image = derive(SIGNED, BY_KEY)[Role.EXECUTE].id
    listed = json.loads(get_sbom(engine, image))["components"]
    found = [one for one in listed if one["name"] == archive.PACKAGE]
    (url,) = [one["purl"] for one in found]
    assert url.startswith(f"pkg:deb/debian/{archive.PACKAGE}@1.0?arch=all")


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("files", "options", "why"),
    [
        (UNSIGNED, BY_KEY, "signature could not be checked"),
        (SIGNED, "arch=amd64,arm64", "signature could not be checked"),
        (OTHER_INDEX, BY_KEY, "not what its signed index names"),
        (OTHER_PACKAGE, BY_KEY, "not what its signed index names"),
    ],
    ids=["unsigned", "another key", "another index than was signed", "another package"],
)
def test_software_is_not_installed_from_any_other(
    derive: Derive, files: Files, options: str, why: str
) -> None:
    with pytest.raises(ImageBuildError, match=why):
        derive(files, options)


@pytest.mark.one_engine
def test_what_the_others_lack_is_the_signature_alone(engine: Engine, derive: Derive) -> None:
    """With apt's own guard switched off in the image, the unsigned archive's package is installed:
    the refusals above are apt's, and no builder of ours lowers its guard."""
    image = derive(UNSIGNED, "trusted=yes")[Role.EXECUTE].id
    assert archive.PACKAGE.encode() in get_sbom(engine, image)
