from collections.abc import Iterator
from typing import Any

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import File
from roost.errors import NotFoundError
from roost.images import ensure_derived, ensure_images
from roost.images.sbom import LABEL_READING, get_sbom

TEXT = b'{"bomFormat": "CycloneDX"}'


class Holding(FakeEngine):
    """An engine whose images hold a bill of materials."""

    def ensure_container(self, spec: Any) -> Any:
        made = super().ensure_container(spec)
        directory, _, name = contract.SBOM_FILE.rpartition("/")
        self.put_files(spec.name, directory, [File(name, TEXT)])
        return made


def left(engine: FakeEngine) -> Iterator[str]:
    yield from (one.name for one in engine.list_containers({LABEL_READING: None}))
    yield from (one.name for one in engine.list_networks({LABEL_READING: None}))


@pytest.fixture
def holding(engine: FakeEngine) -> Holding:
    return Holding(registry=engine._registry, on_build=engine._on_build)


def test_it_is_read_from_the_file_that_the_label_names_and_nothing_is_started_or_left(
    holding: Holding,
) -> None:
    images = ensure_images(holding)
    assert get_sbom(holding, images[Role.SUBMIT].reference) == TEXT
    assert "start" not in {call.method for call in holding.calls}
    assert list(left(holding)) == []


def test_images_of_all_roles_and_with_software_name_it(engine: FakeEngine) -> None:
    images = ensure_derived(engine, ensure_images(engine), apt=["jq"])
    for role in Role:
        image = engine.find_image(images[role].id)
        assert image
        assert image.labels[contract.LABEL_SBOM] == contract.SBOM_FILE


def test_an_image_that_is_not_there(engine: FakeEngine) -> None:
    with pytest.raises(NotFoundError, match="there is no image nosuch:1"):
        get_sbom(engine, "nosuch:1")


def test_an_image_of_somebody_else(engine: FakeEngine) -> None:
    engine.pull_image("debian:trixie-slim")
    with pytest.raises(NotFoundError, match=r"debian:trixie-slim has no label roost\.sbom"):
        get_sbom(engine, "debian:trixie-slim")


def test_a_file_that_is_not_there_leaves_nothing(engine: FakeEngine) -> None:
    images = ensure_images(engine)
    with pytest.raises(NotFoundError, match=contract.SBOM_FILE):
        get_sbom(engine, images[Role.MASTER].id)
    assert list(left(engine)) == []
