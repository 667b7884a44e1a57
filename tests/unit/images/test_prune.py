from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Image
from roost.images import ImageSet, ensure_images
from roost.images.find import plan_recipes
from roost.images.labels import LABEL_BASE_ID
from roost.images.prune import superseded
from roost.spec.model import Suite

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
LABELS = {contract.LABEL_SUITE: "trixie", contract.LABEL_RECIPE: "some"}
RECIPE = plan_recipes(Suite.TRIXIE, False)[0]


@pytest.fixture
def images(engine: FakeEngine) -> ImageSet:
    return ensure_images(engine)


def image(*tags: str, age: timedelta = timedelta(hours=2), base: str | None = None) -> Image:
    created = (NOW - age).strftime("%Y-%m-%dT%H:%M:%SZ")
    labels = {**LABELS, LABEL_BASE_ID: base} if base else LABELS
    return Image("sha256:x", tags, labels, 1, created)


def is_left(images: ImageSet, candidate: Image) -> bool:
    return superseded([candidate], RECIPE, images, NOW) == [candidate]


def test_nameless_images_go_when_nobody_can_be_building_them(images: ImageSet) -> None:
    assert is_left(images, image())
    assert not is_left(images, image(age=timedelta(minutes=5)))


def test_unfinished_images_go(images: ImageSet) -> None:
    assert is_left(images, image("roost-master:trixie-0123456789ab-0123456789ab"))


def test_stages_of_another_recipe_go(images: ImageSet) -> None:
    assert is_left(images, image("roost-node:trixie-0123456789ab"))
    assert is_left(images, image("roost-base:trixie-0123456789ab"))
    for tag in (RECIPE.base_tag, RECIPE.htcondor.tag, RECIPE.node.tag):
        assert not is_left(images, image(tag))


def test_names_that_people_use_stay(images: ImageSet) -> None:
    assert not is_left(images, image("roost-master:23.9.5-trixie"))
    assert not is_left(images, image("my-image:1"))
    assert not is_left(images, image("roost-node:trixie-0123456789ab", "mine:1"))


def test_derived_images_of_another_base_go(images: ImageSet) -> None:
    tag = "roost-execute:23.9.6-trixie-0123456789ab"
    assert is_left(images, image(tag, base="sha256:old"))
    assert not is_left(images, image(tag, base=images[Role.EXECUTE].id))


def test_what_is_not_of_our_making_stays(images: ImageSet) -> None:
    assert not is_left(images, replace(image(), labels={contract.LABEL_SUITE: "trixie"}))


def test_the_younger_goes_first_since_it_may_stand_on_the_older(images: ImageSet) -> None:
    old, young = image(age=timedelta(hours=3)), image(age=timedelta(hours=2))
    assert superseded([old, young], RECIPE, images, NOW) == [young, old]
