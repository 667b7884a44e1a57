"""An execute image with more software in it, as the pool file asks for.

Python packages go into the system's own Python (below ``/usr/local``), not into a virtual
environment: HTCondor gives a job an environment of its own, so a job finds ``python3`` and its
modules without any PATH, and a script's ``#!/usr/bin/python3`` finds them too. Roost's program
and HTCondor's tools in the image do not look there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from roost import contract
from roost.contract import Role
from roost.engines.protocol import BuildSpec, Engine, File, Image
from roost.errors import EngineError, ImageBuildError, UsageError
from roost.events import Reporter, silent
from roost.images.labels import LABEL_BASE_ID
from roost.images.lock import build_lock
from roost.images.model import ImageSet, RoleImage, upstream_version
from roost.images.network import apt_options, proxy_arguments
from roost.images.nodefiles import recipe_file
from roost.images.pipconfig import PipSettings, read_host_settings
from roost.images.recipe import DOCKERFILE, digest_of, short
from roost.images.space import DERIVED_BUILD_BYTES, ensure_engine_space
from roost.images.stage import build_stage
from roost.spec.limits import check_apt_package, check_pip_requirement

LABEL_TEMPORARY = "roost.temporary"
"""On what a build leaves behind and nobody needs: the stamp of that build."""


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
    Raises :class:`UsageError` for what is no package's name, :class:`ImageBuildError` for a build
    that failed.
    """
    if not apt and not pip:
        return images
    check_software(apt, pip)
    base = images[Role.EXECUTE]
    spec = plan_derived(base, apt, pip)
    if found := _find(engine, spec):
        return _with_execute(images, spec.tag, found.id)
    with build_lock(engine, report):
        if found := _find(engine, spec):
            return _with_execute(images, spec.tag, found.id)
        ensure_engine_space(engine, DERIVED_BUILD_BYTES)
        options = apt_options(allow_expired_release=allow_expired_release)
        full = complete_build(spec, read_host_settings(), options, datetime.now(UTC))
        detail = f"{len(apt) + len(pip)} more packages for jobs"
        try:
            built = build_stage(engine, "software", full, report, detail=detail)
        finally:
            _remove_temporary(engine, full.build_args["TEMPORARY"])
    version = upstream_version(built.versions.package_version())
    if version != images.htcondor:
        engine.remove_image(spec.tag)
        raise ImageBuildError(
            f"the packages asked for replaced HTCondor {images.htcondor} by {version}",
            hint="refresh the images first: roost build --refresh",
        )
    return _with_execute(images, spec.tag, built.image.id)


def check_software(apt: Sequence[str], pip: Sequence[str]) -> None:
    """Raise :class:`UsageError` for an entry that apt or pip would not take as a package."""
    for name in apt:
        check_apt_package(name)
        if name.endswith("-"):
            raise UsageError(
                f"{name!r} would make apt remove a package",
                hint="name the packages to install",
            )
    for requirement in pip:
        check_pip_requirement(requirement)


def plan_derived(base: RoleImage, apt: Sequence[str], pip: Sequence[str]) -> BuildSpec:
    """What is asked for, with a tag that tells it: nothing of the host or of the time is in it."""
    context = (
        recipe_file("derived.Dockerfile", DOCKERFILE),
        _lines("apt.txt", apt),
        _lines("requirements.txt", pip),
    )
    digest = digest_of([base.id], context)
    return BuildSpec(
        tag=f"{base.reference}-{short(digest)}",
        context=context,
        build_args={"BASE": base.id},
        labels={contract.LABEL_RECIPE: digest, LABEL_BASE_ID: base.id},
    )


def complete_build(spec: BuildSpec, settings: PipSettings, apt: str, began: datetime) -> BuildSpec:
    """The build with what it takes on this host and now."""
    stamp = began.isoformat(timespec="microseconds")
    return replace(
        spec,
        context=(
            *spec.context,
            File("pip.conf", settings.config.encode(), 0o600),
            File("cert.pem", settings.certificates),
        ),
        build_args={
            **spec.build_args,
            **proxy_arguments(os.environ),
            "APT_OPTIONS": apt,
            "PACKAGES_AS_OF": stamp,
            "TEMPORARY": stamp,
        },
    )


def _find(engine: Engine, spec: BuildSpec) -> Image | None:
    image = engine.find_image(spec.tag)
    if image and image.labels.get(contract.LABEL_RECIPE) == spec.labels[contract.LABEL_RECIPE]:
        return image
    return None


def _remove_temporary(engine: Engine, stamp: str) -> None:
    """Remove the stage that pip worked in. What the engine will not give up now is only space."""
    for image in engine.list_images({LABEL_TEMPORARY: stamp}):
        try:
            engine.remove_image(image.id)
        except EngineError:
            continue


def _lines(path: str, words: Sequence[str]) -> File:
    return File(path, "".join(f"{word}\n" for word in sorted(set(words))).encode())


def _with_execute(images: ImageSet, reference: str, image_id: str) -> ImageSet:
    roles = {**images.images, Role.EXECUTE: RoleImage(reference, image_id)}
    return ImageSet(images.suite, images.htcondor, roles)
