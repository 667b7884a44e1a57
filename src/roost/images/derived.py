"""An execute image with more software in it, as the pool file asks for.

Python packages go into the system's own Python (below ``/usr/local``), not into a virtual
environment: HTCondor gives a job an environment of its own, so a job finds ``python3`` and its
modules without any PATH, and a script's ``#!/usr/bin/python3`` finds them too. Roost's program in
the image does not look there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime

from roost import contract
from roost.contract import Role
from roost.engines.protocol import BuildSpec, Engine, Image
from roost.errors import ImageBuildError, RoostError
from roost.events import Reporter, silent
from roost.images.lock import build_lock
from roost.images.model import ImageSet, RoleImage
from roost.images.network import apt_options, proxy_arguments
from roost.images.pipconfig import read_host_settings
from roost.images.software import LABEL_TEMPORARY, check_software, complete_build, plan_derived
from roost.images.space import DERIVED_BUILD_BYTES, ensure_engine_space
from roost.images.stage import build_stage


def ensure_derived(
    engine: Engine,
    images: ImageSet,
    *,
    apt: Sequence[str] = (),
    pip: Sequence[str] = (),
    allow_expired_release: bool = False,
    report: Reporter = silent,
) -> ImageSet:
    """``images`` with an execute image that also holds the Debian packages and Python requirements.

    It is built once for each base and each set of software; the order of the lists means nothing.
    Raises :class:`RoostError` for what is no package's name, :class:`ImageBuildError` for a build
    that failed.
    """
    if not apt and not pip:
        return images
    check_software(apt, pip)
    spec = plan_derived(images, apt, pip)
    image = _find(engine, spec)
    if image is None:
        with build_lock(engine, report):
            # Another build may have ended while this one waited for its turn.
            _refuse_replaced(engine, images)
            image = _find(engine, spec) or _build(engine, spec, report, allow_expired_release)
    return images.with_execute(RoleImage(spec.tag, image.id))


def find_derived(
    engine: Engine, images: ImageSet, *, apt: Sequence[str] = (), pip: Sequence[str] = ()
) -> ImageSet | None:
    """What :func:`ensure_derived` would return without a build, or None."""
    if not apt and not pip:
        return images
    spec = plan_derived(images, apt, pip)
    image = _find(engine, spec)
    return images.with_execute(RoleImage(spec.tag, image.id)) if image else None


def _refuse_replaced(engine: Engine, images: ImageSet) -> None:
    if engine.find_image(images[Role.EXECUTE].id) is None:
        raise ImageBuildError(
            "another build has replaced the images meanwhile",
            hint="run it again: it takes the new ones",
        )


def _build(engine: Engine, spec: BuildSpec, report: Reporter, allow_expired_release: bool) -> Image:
    ensure_engine_space(engine, DERIVED_BUILD_BYTES)
    arguments = {
        **proxy_arguments(os.environ),
        "APT_OPTIONS": apt_options(allow_expired_release=allow_expired_release),
    }
    complete = complete_build(spec, read_host_settings(), arguments, datetime.now(UTC))
    detail = f"the pool's software, on {Role.EXECUTE}"
    try:
        return build_stage(engine, "software", complete, report, detail=detail).image
    finally:
        _remove_temporary(engine, complete.build_args["TEMPORARY"])


def _find(engine: Engine, spec: BuildSpec) -> Image | None:
    image = engine.find_image(spec.tag)
    if image and image.labels.get(contract.LABEL_RECIPE) == spec.labels[contract.LABEL_RECIPE]:
        return image
    return None


def _remove_temporary(engine: Engine, stamp: str) -> None:
    """Remove the stage that pip worked in. What the engine will not give up now is only space."""
    try:
        for image in engine.list_images({LABEL_TEMPORARY: stamp}):
            engine.remove_image(image.id)
    except RoostError:
        return
