"""Finished images, told by their labels and tags in one question to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roost import contract
from roost.contract import Role
from roost.engines.protocol import Engine, Image
from roost.images.model import BaseKind, ImageSet, RoleImage, role_reference
from roost.images.recipe import Recipe, plan_recipe
from roost.spec.model import Suite


def find_images(
    engine: Engine, suite: Suite = Suite.TRIXIE, *, bootstrap: bool | None = None
) -> ImageSet | None:
    """The images that this version of Roost would build for the suite, if they are all there."""
    return find_finished(engine, plan_recipes(suite, bootstrap))


def plan_recipes(suite: Suite, bootstrap: bool | None) -> list[Recipe]:
    """The recipes that will do: one for each allowed kind of base, the preferred one first."""
    kinds = {
        None: (BaseKind.REGISTRY, BaseKind.BOOTSTRAP),
        True: (BaseKind.BOOTSTRAP,),
        False: (BaseKind.REGISTRY,),
    }[bootstrap]
    return [plan_recipe(suite, kind) for kind in kinds]


def find_finished(engine: Engine, recipes: Sequence[Recipe]) -> ImageSet | None:
    """The finished images of one of the recipes, or None."""
    images = engine.list_images({contract.LABEL_SUITE: str(recipes[0].suite)})
    sets = (pick_set(images, recipe) for recipe in recipes)
    return next((found for found in sets if found), None)


def pick_set(images: Iterable[Image], recipe: Recipe) -> ImageSet | None:
    """The images of the recipe that carry their proper names. Where a refresh brought another
    HTCondor, the older set is still there too: the newest complete one counts."""
    by_version: dict[str, dict[Role, Image]] = {}
    for image in images:
        version = image.labels.get(contract.LABEL_HTCONDOR, "")
        role = _role(image, recipe)
        if role and any(
            same_reference(tag, role_reference(role, version, recipe.suite)) for tag in image.tags
        ):
            by_version.setdefault(version, {})[role] = image
    complete = {version: found for version, found in by_version.items() if set(found) == set(Role)}
    if not complete:
        return None
    version = max(
        complete, key=lambda version: max(one.created for one in complete[version].values())
    )
    return ImageSet(
        recipe.suite,
        version,
        {
            role: RoleImage(role_reference(role, version, recipe.suite), image.id)
            for role, image in complete[version].items()
        },
    )


def same_reference(tag: str, reference: str) -> bool:
    """Whether an engine's tag is the reference; Podman puts ``localhost/`` before its own."""
    return tag.removeprefix("localhost/") == reference


def _role(image: Image, recipe: Recipe) -> Role | None:
    label = image.labels.get(contract.LABEL_ROLE)
    role = Role(label) if label in set(Role) else None
    if role and image.labels.get(contract.LABEL_RECIPE) == recipe.roles[role].digest:
        return role
    return None
