"""What goes into a derived image: the check of the lists, and the plan of the build. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from roost import contract
from roost.contract import Role
from roost.engines.protocol import BuildSpec, File
from roost.errors import UsageError
from roost.images.labels import LABEL_BASE_ID
from roost.images.model import ImageSet
from roost.images.nodefiles import recipe_file
from roost.images.pipconfig import PipSettings
from roost.images.recipe import DOCKERFILE, digest_of, short
from roost.images.tree import BUILD_DIR, as_tree
from roost.spec.limits import check_apt_package, check_pip_requirement

LABEL_TEMPORARY = "roost.temporary"
"""On what a build leaves behind and nobody needs: the stamp of that build."""


def check_software(apt: Sequence[str], pip: Sequence[str]) -> None:
    """Raise an error for an entry that apt or pip would not take as something to install."""
    for name in apt:
        check_apt_package(name)
        if name.endswith("-"):
            raise UsageError(
                f"{name!r} would make apt remove a package", hint="name packages to install"
            )
    for requirement in pip:
        check_pip_requirement(requirement)


def plan_derived(images: ImageSet, apt: Sequence[str], pip: Sequence[str]) -> BuildSpec:
    """What is asked for, with a tag that tells it: nothing of the host or of the time is in it."""
    base = images[Role.EXECUTE]
    context = (
        recipe_file("derived.Dockerfile", DOCKERFILE),
        *as_tree([_lines(f"{BUILD_DIR}/apt.txt", apt)]),
        _lines("requirements.txt", pip),
    )
    digest = digest_of([base.id], context)
    return BuildSpec(
        tag=f"{base.reference}-{short(digest)}",
        context=context,
        build_args={"BASE": base.id, "HTCONDOR": images.htcondor},
        labels={
            contract.LABEL_SUITE: str(images.suite),
            contract.LABEL_ROLE: str(Role.EXECUTE),
            contract.LABEL_HTCONDOR: images.htcondor,
            contract.LABEL_RECIPE: digest,
            contract.LABEL_SBOM: contract.SBOM_FILE,
            LABEL_BASE_ID: base.id,
        },
    )


def complete_build(
    spec: BuildSpec, settings: PipSettings, arguments: Mapping[str, str], began: datetime
) -> BuildSpec:
    """The build with what it takes on this host and now."""
    stamp = began.isoformat(timespec="microseconds")
    pip_files = (
        File("pip.conf", settings.config.encode(), 0o600),
        File("cert.pem", settings.certificates),
    )
    return replace(
        spec,
        context=(*spec.context, *pip_files),
        build_args={
            **spec.build_args,
            **arguments,
            "PACKAGES_AS_OF": stamp,
            "TEMPORARY": stamp,
        },
    )


def _lines(path: str, words: Sequence[str]) -> File:
    """A file of one word a line, the same for equal sets of words."""
    return File(path, "".join(f"{word}\n" for word in sorted(set(words))).encode())
