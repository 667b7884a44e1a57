"""``roost images sbom``: where it looks, and where it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.engines.fake import FakeEngine
from roost.engines.protocol import Engine
from tests.unit.cli.conftest import Roost


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The images that were looked into, by one of their names."""
    seen: list[str] = []

    def get_sbom(engine: Engine, reference: str) -> bytes:
        image = engine.find_image(reference)
        seen.append(image.tags[0] if image else reference)
        return b'{"bomFormat": "CycloneDX"}\n'

    monkeypatch.setattr("roost.images.sbom.get_sbom", get_sbom)
    return seen


def test_of_the_executors_unless_another_role_is_named(roost: Roost, read: list[str]) -> None:
    assert roost("build").exit_code == 0
    printed = roost("images", "sbom")
    assert printed.stdout == '{"bomFormat": "CycloneDX"}\n'
    assert roost("images", "sbom", "master").exit_code == 0
    assert read == ["roost-execute:23.9.6-trixie", "roost-master:23.9.6-trixie"]


@pytest.mark.parametrize(
    "arguments",
    [("--json", "images", "sbom"), ("images", "--json", "sbom"), ("images", "sbom", "--json")],
)
def test_it_is_json_whether_that_is_said_or_not(
    roost: Roost, read: list[str], arguments: tuple[str, ...]
) -> None:
    roost("build")
    printed = roost(*arguments)
    assert (printed.exit_code, printed.stdout) == (0, '{"bomFormat": "CycloneDX"}\n')


def test_with_the_software_of_the_pool_file(roost: Roost, read: list[str], here: Path) -> None:
    (here / "roost.toml").write_text('version = 1\n[software]\napt = ["jq"]\n')
    assert roost("build").exit_code == 0
    assert roost("images", "sbom").exit_code == 0
    (image,) = read
    assert image.startswith("roost-execute:23.9.6-trixie-")


def test_into_a_file(roost: Roost, read: list[str], here: Path) -> None:
    roost("build")
    written = roost("images", "sbom", "-o", "sbom.json")
    assert (written.exit_code, written.stdout) == (0, "")
    assert (here / "sbom.json").read_text() == '{"bomFormat": "CycloneDX"}\n'


def test_a_file_that_is_there_is_kept(roost: Roost, read: list[str], here: Path) -> None:
    roost("build")
    (here / "sbom.json").write_text("mine")
    refused = roost("images", "sbom", "-o", "sbom.json")
    assert refused.exit_code == 1
    assert "sbom.json is there already" in refused.stderr
    assert (here / "sbom.json").read_text() == "mine"
    assert roost("images", "sbom", "-o", "sbom.json", "--force").exit_code == 0
    assert (here / "sbom.json").read_text() == '{"bomFormat": "CycloneDX"}\n'


@pytest.mark.parametrize("option", [("--image", ""), ("-f", ""), ("-o", "")])
def test_an_empty_name_is_refused(roost: Roost, read: list[str], option: tuple[str, str]) -> None:
    refused = roost("images", "sbom", *option)
    assert refused.exit_code == 2
    assert option[0] in refused.stderr
    assert read == []


def test_a_file_that_cannot_be_written(roost: Roost, read: list[str]) -> None:
    roost("build")
    failed = roost("images", "sbom", "-o", "no/such/file")
    assert failed.exit_code == 1
    assert "cannot write no/such/file: No such file or directory" in failed.stderr


def test_images_that_are_not_built(roost: Roost, read: list[str], engine: FakeEngine) -> None:
    failed = roost("images", "sbom")
    assert failed.exit_code == 1
    assert "the images of trixie are not built" in failed.stderr
    assert "`roost build` makes them" in failed.stderr
    assert read == []
    assert "build_image" not in {call.method for call in engine.calls}


def test_any_image_by_its_name_alone(roost: Roost, read: list[str]) -> None:
    assert roost("images", "sbom", "--image", "mine:1").exit_code == 0
    assert read == ["mine:1"]
    wrong = roost("images", "sbom", "master", "--image", "mine:1")
    assert wrong.exit_code == 2
    assert "leave ROLE, -f and --suite out" in wrong.stderr
