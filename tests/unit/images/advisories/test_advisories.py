from pathlib import Path

import pytest

from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.errors import NotFoundError
from roost.events import Recorder
from roost.images import advisories, ensure_images
from roost.images.advisories import find_advisories
from roost.spec import Suite
from tests.unit.images.advisories.samples import DATA, JQ, LIBSSL, sbom


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisories, "get_sbom", lambda _engine, _image: sbom(LIBSSL, JQ))


def test_by_the_data_of_the_release_that_the_image_is_of(
    engine: FakeEngine, tmp_path: Path
) -> None:
    image = ensure_images(engine, Suite.FORKY)[Role.EXECUTE].id
    (tmp_path / "forky").write_bytes(DATA)
    told = Recorder()
    found = find_advisories(engine, image, source=str(tmp_path), report=told)
    assert (found.suite, found.source, found.packages) == (Suite.FORKY, f"{tmp_path}/forky", 2)
    assert [one.vulnerability.id for one in found.findings] == ["CVE-2024-0001", "CVE-2025-0002"]
    assert [one.vulnerability.id for one in found.fixable] == ["CVE-2024-0001"]
    assert told.done_steps() == ["packages", "vulnerability data", "comparison"]


def test_an_image_of_no_release(engine: FakeEngine, tmp_path: Path) -> None:
    engine.pull_image("debian:trixie-slim")
    with pytest.raises(NotFoundError, match=r"has no label roost\.suite with a Debian release"):
        find_advisories(engine, "debian:trixie-slim", source=str(tmp_path))
