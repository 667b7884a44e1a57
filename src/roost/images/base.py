"""The base image: Debian's own where a registry answers at once, else one made on this host."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from roost import contract
from roost.engines.protocol import Engine, Image
from roost.errors import ImageBuildError
from roost.events import Reporter, note, step
from roost.images import bootstrap, labels
from roost.images.aptsources import Mirror, find_mirror
from roost.images.buildlog import telling
from roost.images.model import BaseKind
from roost.images.recipe import Recipe

IMPATIENT_S = 8.0
"""A registry that gave no image by then is not worth waiting for where this host can make one."""
PATIENT_S = 300.0


def make_base(
    engine: Engine, recipes: Sequence[Recipe], report: Reporter, *, allow_expired_release: bool
) -> Recipe:
    """Get a base of the first kind that can be had, tagged by its recipe, and return that recipe.

    ``recipes`` differ in the kind of base alone, the preferred one first.
    """
    with step(report, "base", f"Debian {recipes[0].suite}") as update:
        for recipe in recipes:
            last = recipe is recipes[-1]
            if recipe.base_kind is BaseKind.BOOTSTRAP:
                _bootstrap(engine, recipe, report, update, allow_expired_release)
                return recipe
            update("asking a registry")
            if pull_base(engine, recipe, PATIENT_S if last else IMPATIENT_S):
                return recipe
            if not last:
                note(report, "no registry gave a Debian image: making one from packages")
        raise ImageBuildError(
            f"no registry gave the image {labels.base_name(recipes[0].suite, BaseKind.REGISTRY)}",
            hint="check the engine's network, or make the base on this host with --bootstrap",
        )


def pull_base(engine: Engine, recipe: Recipe, patience_s: float) -> bool:
    """Pull Debian's image and tag it as the recipe's base; False where that cannot be had in time.

    The pull runs in a thread of its own, since an engine may take minutes to find out that nobody
    answers. One that is given up ends by itself and does no harm.
    """
    reference = labels.base_name(recipe.suite, BaseKind.REGISTRY)
    answers: queue.SimpleQueue[Image | BaseException | None] = queue.SimpleQueue()

    def pull() -> None:
        try:
            answers.put(engine.pull_image(reference))
        except BaseException as error:  # noqa: BLE001  (raised again by the one who waits)
            answers.put(error)

    threading.Thread(target=pull, name="roost-pull", daemon=True).start()
    try:
        answer = answers.get(timeout=patience_s)
    except queue.Empty:
        return False
    if isinstance(answer, BaseException):
        raise answer
    if answer is None:
        return False
    engine.tag_image(reference, recipe.base_tag)
    return True


def _bootstrap(
    engine: Engine,
    recipe: Recipe,
    report: Reporter,
    update: Callable[[str], None],
    allow_expired_release: bool,
) -> None:
    """Make the base with the host's own mirror, and with mmdebstrap's default if that fails."""
    bootstrap.ensure_can_bootstrap()
    mirror = find_mirror()
    try:
        _import(engine, recipe, mirror, update, allow_expired_release)
    except ImageBuildError as error:
        if mirror is None:
            raise
        note(report, f"{error.message}; trying mmdebstrap's own mirror")
        _import(engine, recipe, None, update, allow_expired_release)


def _import(
    engine: Engine,
    recipe: Recipe,
    mirror: Mirror | None,
    update: Callable[[str], None],
    allow_expired_release: bool,
) -> None:
    with bootstrap.bootstrapped(
        recipe.suite,
        mirror,
        allow_expired_release=allow_expired_release,
        on_output=telling(update),
    ) as archive:
        update("importing the base system")
        engine.import_image(
            archive,
            recipe.base_tag,
            {
                **labels.stage_labels(recipe.suite, recipe.base_kind),
                contract.LABEL_RECIPE: recipe.base_digest,
            },
            {"CMD": '["/bin/bash"]'},
        )
