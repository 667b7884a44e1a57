"""The Debian packages of a bill of materials, with what a security tracker goes by. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from roost.errors import RoostError
from roost.images.advisories.debversion import version_key

_PROPERTY = "roost:dpkg:"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*")


@dataclass(frozen=True)
class InstalledPackage:
    """A binary package and the source package that it is built from."""

    name: str
    version: str
    source: str
    source_version: str


def read_debian_packages(sbom: bytes, *, image: str) -> list[InstalledPackage]:
    """All packages of dpkg's in the document, once for each architecture that they are installed for.

    Raises :class:`RoostError`, in which ``image`` says whose document it is, for one that ``roost-node
    write-sbom`` did not write.
    """
    try:
        components = json.loads(sbom)["components"]
        packages = [_package(one) for one in components if "pkg:deb/" in one.get("purl", "")]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise RoostError(
            f"the bill of materials of {image} cannot be read: {type(error).__name__}: {error}",
            hint="`roost-node write-sbom` writes it, after the last package of an image",
        ) from error
    if not packages:
        raise RoostError(f"the bill of materials of {image} lists no Debian package")
    return packages


def _package(component: dict[str, Any]) -> InstalledPackage:
    properties = {one["name"]: one["value"] for one in component["properties"]}
    package = InstalledPackage(
        component["name"],
        component["version"],
        properties[f"{_PROPERTY}source"],
        properties[f"{_PROPERTY}source-version"],
    )
    # An image may be anybody's, and what is in it ends on a terminal.
    for name in (package.name, package.source):
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of a Debian package")
    for version in (package.version, package.source_version):
        version_key(version)
    return package
