"""What is installed: Debian's packages as dpkg knows them, Python's as their metadata says."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from roost.node.sbom.licenses import licenses_in

PYTHON_DIRS = "usr/local/lib"
"""pip's packages alone are below it: those of Debian are known to dpkg."""

_FIELDS = ("Package", "Version", "Architecture", "source:Package", "source:Version", "Maintainer")
FORMAT = "${db:Status-Status}" + "".join(f"\t${{{name}}}" for name in _FIELDS) + "\n"
"""What dpkg-query is asked for (dpkg-query(1), "virtual fields")."""


@dataclass(frozen=True, order=True)
class Package:
    """A package and where it is from; ``source`` and ``maintainer`` are empty for Python's."""

    kind: str
    """The type in a package URL: ``deb`` or ``pypi``."""
    name: str
    version: str
    architecture: str = ""
    source: str = ""
    source_version: str = ""
    maintainer: str = ""
    licenses: tuple[str, ...] = ()


def read_packages(root: Path) -> list[Package]:
    """All packages below ``root``, sorted."""
    return sorted([*_debian(root), *_python(root)])


def parse_listing(listing: str, root: Path) -> list[Package]:
    """Packages of dpkg-query's output in :data:`FORMAT`, without those that are only configured."""
    packages = []
    for line in listing.splitlines():
        status, name, version, architecture, source, source_version, maintainer = line.split("\t")
        if status == "installed":
            licenses = licenses_in(root / "usr/share/doc" / name / "copyright")
            packages.append(
                Package(
                    *("deb", name, version, architecture, source, source_version, maintainer),
                    licenses,
                )
            )
    return packages


def _debian(root: Path) -> list[Package]:
    query = ["dpkg-query", f"--admindir={root / 'var/lib/dpkg'}", "-W", "-f", FORMAT]
    listing = subprocess.run(query, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    return parse_listing(listing, root)


def _python(root: Path) -> Iterable[Package]:
    places = [str(path) for path in sorted((root / PYTHON_DIRS).glob("python3*/dist-packages"))]
    # A distribution that is there twice counts once.
    return {_python_package(one) for one in distributions(path=places)}


def _python_package(one: Distribution) -> Package:
    # License is free text, and for some the whole licence: only what can be a name is taken.
    fields = [field for field in ("License-Expression", "License") if field in one.metadata]
    said = one.metadata[fields[0]] if fields else ""
    licenses = (said,) if said and "\n" not in said and len(said) < 80 else ()
    return Package("pypi", one.metadata["Name"], one.version, licenses=licenses)
