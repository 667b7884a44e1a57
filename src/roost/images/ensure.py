"""``ensure_images``: from nothing, or from whatever is there, to the images of all roles."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from roost.contract import Role
from roost.engines.protocol import Engine, Image
from roost.errors import ImageBuildError
from roost.events import Reporter, silent, step
from roost.images import diagnosis, labels
from roost.images.base import make_base
from roost.images.buildlog import VersionReader, telling
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
from roost.images.recipe import Recipe, Stage
from roost.spec.model import Suite

NEEDED_BYTES = 1_500_000_000
"""What a first build takes where the engine keeps its images, with what it needs in between."""


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
        ensure_space(engine)
        build = _Build(engine, report, allow_expired_release, refresh)
        recipe = build.packages(recipes)
        return build.roles(recipe, build.node(recipe))


def ensure_space(engine: Engine, needed: int = NEEDED_BYTES) -> None:
    """Raise :class:`ImageBuildError` where the engine has too little room for a build."""
    info = engine.info()
    if info.free_bytes is not None and info.free_bytes < needed:
        raise ImageBuildError(
            f"{info.root_dir}, where {info.name} keeps its images, has "
            f"{info.free_bytes // 1_000_000} MB free; the images need {needed // 1_000_000} MB",
            hint="make room there, for example by removing images that nobody uses",
        )


class _Build:
    """One run of the builder: the engine, who is told, and what was asked for."""

    def __init__(
        self, engine: Engine, report: Reporter, allow_expired_release: bool, refresh: bool
    ) -> None:
        self._engine = engine
        self._report = report
        self._allow_expired_release = allow_expired_release
        self._refresh = refresh
        self._now = datetime.now(UTC)

    def packages(self, recipes: Sequence[Recipe]) -> Recipe:
        """See to it that one recipe's base and HTCondor are there, and return that recipe."""
        recipe = self._first_with(recipes, lambda recipe: recipe.htcondor.tag)
        if recipe:
            return recipe
        recipe = self._first_with(recipes, lambda recipe: recipe.base_tag) or make_base(
            self._engine,
            recipes,
            self._report,
            allow_expired_release=self._allow_expired_release,
        )
        arguments = {
            **proxy_arguments(os.environ),
            "APT_OPTIONS": apt_options(allow_expired_release=self._allow_expired_release),
            "PACKAGES_AS_OF": self._stamp(),
        }
        self._stage(
            recipe.htcondor,
            recipe.base_tag,
            arguments,
            labels.stage_labels(recipe.suite, recipe.base_kind),
            detail="HTCondor and supervisor, from Debian's packages",
        )
        return recipe

    def node(self, recipe: Recipe) -> str:
        """Build what the roles share, and return the version of HTCondor that is in it."""
        versions = VersionReader()
        self._stage(
            recipe.node,
            recipe.htcondor.tag,
            {"BUILT_AT": self._stamp()},
            {},
            detail="Roost's own program",
            versions=versions,
        )
        return upstream_version(versions.package_version())

    def roles(self, recipe: Recipe, htcondor: str) -> ImageSet:
        """Build the images of the roles, and give them their names once all of them are there."""
        built = {
            role: self._stage(
                stage,
                recipe.node.tag,
                {},
                labels.role_labels(role, htcondor, self._now),
                detail=role_reference(role, htcondor, recipe.suite),
            )
            for role, stage in recipe.roles.items()
        }
        return ImageSet(
            recipe.suite,
            htcondor,
            {
                role: RoleImage(
                    self._name(recipe.roles[role], role, htcondor, recipe.suite), image.id
                )
                for role, image in built.items()
            },
        )

    def _name(self, stage: Stage, role: Role, htcondor: str, suite: Suite) -> str:
        reference = role_reference(role, htcondor, suite)
        self._engine.tag_image(stage.tag, reference)
        if suite is DEFAULT_SUITE:
            self._engine.tag_image(stage.tag, f"{repository(role)}:latest")
        self._engine.remove_image(stage.tag)
        return reference

    def _stage(
        self,
        stage: Stage,
        base: str,
        arguments: dict[str, str],
        stage_labels: dict[str, str],
        *,
        detail: str,
        versions: VersionReader | None = None,
    ) -> Image:
        with step(self._report, stage.name, detail) as update:
            tell = telling(update)

            def take(line: str) -> None:
                tell(line)
                if versions:
                    versions(line)

            try:
                image = self._engine.build_image(
                    stage.build_spec(base, arguments, stage_labels), take
                )
            except ImageBuildError as error:
                raise diagnosis.explain(f"the image {stage.name}", error.log_tail) from error
            update(detail)
            return image

    def _first_with(self, recipes: Sequence[Recipe], tag: Callable[[Recipe], str]) -> Recipe | None:
        if self._refresh:
            return None
        return next((one for one in recipes if self._engine.find_image(tag(one))), None)

    def _stamp(self) -> str:
        return self._now.isoformat(timespec="microseconds")
