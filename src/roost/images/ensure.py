"""``ensure_images``: from nothing, or from whatever is there, to the images of all roles."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from roost.contract import Role
from roost.engines.protocol import Engine, Image
from roost.events import Reporter, silent
from roost.images import labels
from roost.images.base import make_base
from roost.images.find import find_finished, plan_recipes
from roost.images.lock import build_lock
from roost.images.model import (
    DEFAULT_SUITE,
    ImageSet,
    RoleImage,
    repository,
    role_reference,
    upstream_version,
)
from roost.images.network import apt_options, proxy_arguments
from roost.images.prune import remove_superseded
from roost.images.recipe import Recipe, Stage, digest_of, short
from roost.images.space import FIRST_BUILD_BYTES, ensure_engine_space
from roost.images.stage import build_stage
from roost.spec.model import Suite


def ensure_images(
    engine: Engine,
    suite: Suite = DEFAULT_SUITE,
    *,
    bootstrap: bool | None = None,
    refresh: bool = False,
    allow_expired_release: bool = False,
    report: Reporter = silent,
) -> ImageSet:
    """The images of all roles, built as far as they are not there.

    ``bootstrap`` True makes the base on this host, False pulls it, None does what can be done.
    ``refresh`` builds everything anew with the packages of today; without it, what was installed
    once stays. ``allow_expired_release`` accepts a mirror whose release file is past its date.

    Raises :class:`ImageBuildError`. Interrupted, it leaves finished lower stages and no changed
    name.
    """
    recipes = plan_recipes(suite, bootstrap)
    if not refresh and (found := find_finished(engine, recipes)):
        return found
    with build_lock(engine, report):
        # Another build may have ended while this one waited for its turn.
        if not refresh and (found := find_finished(engine, recipes)):
            return found
        ensure_engine_space(engine, FIRST_BUILD_BYTES)
        run = _Run(engine, report, refresh, allow_expired_release)
        recipe = _ensure_htcondor(run, recipes)
        images = _build_roles(run, recipe)
        remove_superseded(engine, recipe, images)
        return images


@dataclass(frozen=True)
class _Run:
    """One run of the builder: the engine, who is told, and what was asked for."""

    engine: Engine
    report: Reporter
    refresh: bool
    allow_expired_release: bool
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def stamp(self) -> str:
        """Differs from run to run, so that no engine's cache answers in place of a build."""
        return self.began.isoformat(timespec="microseconds")

    def own_tag(self, stage: Stage) -> str:
        """A tag that nobody else's build uses, also one that runs at the same time."""
        who = [self.stamp, os.uname().nodename, str(os.getpid())]
        return f"{stage.tag}-{short(digest_of(who, []))}"


def _ensure_htcondor(run: _Run, recipes: Sequence[Recipe]) -> Recipe:
    """See to it that HTCondor's stage of one recipe is there, and return that recipe."""
    if recipe := _first_present(run, recipes, lambda recipe: recipe.htcondor.tag):
        return recipe
    recipe = _first_present(run, recipes, lambda recipe: recipe.base_tag) or make_base(
        run.engine, recipes, run.report, allow_expired_release=run.allow_expired_release
    )
    arguments = {
        **proxy_arguments(os.environ),
        "APT_OPTIONS": apt_options(allow_expired_release=run.allow_expired_release),
        "PACKAGES_AS_OF": run.stamp,
    }
    spec = recipe.htcondor.build_spec(
        recipe.base_tag, arguments, labels.stage_labels(recipe.suite, recipe.base_kind)
    )
    build_stage(run.engine, "htcondor", spec, run.report, detail="HTCondor, from Debian's packages")
    return recipe


def _first_present(
    run: _Run, recipes: Sequence[Recipe], tag: Callable[[Recipe], str]
) -> Recipe | None:
    """The first recipe whose image of that tag can be used as it is."""
    if run.refresh:
        return None
    return next((recipe for recipe in recipes if run.engine.find_image(tag(recipe))), None)


def _build_roles(run: _Run, recipe: Recipe) -> ImageSet:
    """Build what the roles share, then each role; give names once all of them are there."""
    spec = recipe.node.build_spec(
        recipe.htcondor.tag,
        {"BUILT_AT": run.stamp},
        labels.stage_labels(recipe.suite, recipe.base_kind),
    )
    node = build_stage(run.engine, "node", spec, run.report, detail="Roost's own program")
    htcondor = upstream_version(node.versions.package_version())
    built = {role: _build_role(run, recipe, role, node.image, htcondor) for role in Role}
    for role in Role:
        _give_names(run, recipe, role, htcondor)
    images = {
        role: RoleImage(role_reference(role, htcondor, recipe.suite), image.id)
        for role, image in built.items()
    }
    return ImageSet(recipe.suite, htcondor, images)


def _build_role(run: _Run, recipe: Recipe, role: Role, node: Image, htcondor: str) -> Image:
    """Build one role's image, under a name of this run's own."""
    stage = recipe.roles[role]
    spec = stage.build_spec(
        node.id,
        {},
        labels.role_labels(role, recipe.suite, recipe.base_kind, htcondor, run.began),
    )
    detail = role_reference(role, htcondor, recipe.suite)
    own = replace(spec, tag=run.own_tag(stage))
    return build_stage(run.engine, str(role), own, run.report, detail=detail).image


def _give_names(run: _Run, recipe: Recipe, role: Role, htcondor: str) -> None:
    """From the name of the build to the names that people use."""
    built = run.own_tag(recipe.roles[role])
    run.engine.tag_image(built, role_reference(role, htcondor, recipe.suite))
    if recipe.suite is DEFAULT_SUITE:
        run.engine.tag_image(built, f"{repository(role)}:latest")
    run.engine.remove_image(built)
