"""The images as data: what they are called, and what a finished set of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from roost.contract import Role
from roost.spec.model import Suite

DEFAULT_SUITE = Suite.TRIXIE
"""The suite whose images are also tagged ``latest``, so that ``docker run roost-master`` works."""


class BaseKind(StrEnum):
    """Where the root file system below HTCondor comes from."""

    REGISTRY = "registry"
    """``debian:<suite>-slim``, pulled."""
    BOOTSTRAP = "bootstrap"
    """Made on this host from Debian's packages with mmdebstrap."""


@dataclass(frozen=True)
class RoleImage:
    """One role's image: ``reference`` is its tag for people, ``id`` what the tag means now."""

    reference: str
    id: str


@dataclass(frozen=True)
class ImageSet:
    """The images of all roles, made of one suite and therefore of one HTCondor version."""

    suite: Suite
    htcondor: str
    images: Mapping[Role, RoleImage]

    def __getitem__(self, role: Role) -> RoleImage:
        return self.images[role]

    def references(self) -> dict[Role, str]:
        """The tag of each role's image."""
        return {role: image.reference for role, image in self.images.items()}

    def ids(self) -> dict[Role, str]:
        """The id of each role's image, which changes with its content."""
        return {role: image.id for role, image in self.images.items()}

    def with_execute(self, image: RoleImage) -> ImageSet:
        """The same set with another image for the executors."""
        return replace(self, images={**self.images, Role.EXECUTE: image})


def repository(role: Role) -> str:
    """The name of a role's image, without a tag."""
    return f"roost-{role}"


def role_reference(role: Role, htcondor: str, suite: Suite) -> str:
    """The tag that names an image for good, for example ``roost-submit:23.9.6-trixie``."""
    return f"{repository(role)}:{htcondor}-{suite}"


def upstream_version(package_version: str) -> str:
    """HTCondor's own part of a Debian version: ``23.9.6`` of ``1:23.9.6+dfsg-2.1+b10``."""
    return package_version.rpartition(":")[2].partition("-")[0].partition("+")[0].partition("~")[0]
