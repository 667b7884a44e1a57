"""Images that an older build left behind, so that builds do not fill the disk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Engine, Image
from roost.errors import RoostError
from roost.images.labels import LABEL_BASE_ID
from roost.images.model import ImageSet
from roost.images.recipe import Recipe

YOUNG = timedelta(hours=1)
"""A younger image may be the unfinished one of somebody else's build."""

_STAGES = ("base", "htcondor", "node", *Role)


def remove_superseded(engine: Engine, recipe: Recipe, images: ImageSet) -> None:
    """Remove what is of no use beside the finished ``images``. What is in use stays: the engine
    refuses to remove an image that a container or another image needs."""
    listed = engine.list_images({contract.LABEL_SUITE: str(images.suite)})
    for image in superseded(listed, recipe, images, datetime.now(UTC)):
        for name in image.tags or (image.id,):
            try:
                engine.remove_image(name)
            except RoostError:
                continue


def superseded(
    listed: Iterable[Image], recipe: Recipe, images: ImageSet, now: datetime
) -> list[Image]:
    """Which of the suite's images older builds left: nameless ones, stages of other recipes,
    unfinished ones, and derived images that stand on an execute image of another build. Images that
    carry the name of a role and version stay, whatever is in them. The images above come before
    those below."""
    found = [image for image in listed if _is_left(image, recipe, images, now)]
    return sorted(found, key=lambda image: image.created, reverse=True)


def _is_left(image: Image, recipe: Recipe, images: ImageSet, now: datetime) -> bool:
    ours = contract.LABEL_RECIPE in image.labels
    if not ours or now - datetime.fromisoformat(image.created) < YOUNG:
        return False
    base = image.labels.get(LABEL_BASE_ID)
    if image.tags and base:
        return base != images[Role.EXECUTE].id
    current = {recipe.base_tag, recipe.htcondor.tag, recipe.node.tag}
    builds = tuple(f"roost-{name}:{recipe.suite}-" for name in _STAGES)
    return all(tag.startswith(builds) and tag not in current for tag in image.tags)
