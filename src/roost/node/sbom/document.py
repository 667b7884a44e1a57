"""The bill of materials as CycloneDX 1.6 (ECMA-424). Pure.

Nothing of the time or place of the build is in it: equal packages make equal documents.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from roost.node.sbom.packages import Package
from roost.version import __version__


def render_document(packages: Sequence[Package], release: Mapping[str, str]) -> dict[str, Any]:
    """The document for ``packages``; ``release`` is the image's os-release(5)."""
    system = {
        "type": "operating-system",
        "bom-ref": "system",
        "name": release.get("ID", "debian"),
        # A testing release has no number yet.
        "version": release.get("VERSION_ID") or release.get("VERSION_CODENAME", ""),
    }
    components = [system, *(_component(one, distribution(release)) for one in packages)]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, repr(components))}",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "container",
                "bom-ref": "image",
                "name": "roost",
                "version": __version__,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": components,
    }


def distribution(release: Mapping[str, str]) -> str:
    """``debian-13``, as package URLs name a release."""
    number = release.get("VERSION_ID") or release.get("VERSION_CODENAME", "")
    return f"{release.get('ID', 'debian')}-{number}"


def package_url(package: Package, distro: str) -> str:
    """The package's URL, by the rules for its type (purl-spec, "deb" and "pypi")."""
    version = quote(package.version, safe=":")
    if package.kind == "pypi":
        return f"pkg:pypi/{package.name.lower().replace('_', '-')}@{version}"
    qualifiers = f"arch={package.architecture}&distro={quote(distro)}"
    if (package.source, package.source_version) != (package.name, package.version):
        # What security trackers go by. The scanners' own convention: Debian's type has no word for it.
        upstream = f"{package.source}@{package.source_version}"
        qualifiers += f"&upstream={quote(upstream, safe=':')}"
    return f"pkg:deb/debian/{quote(package.name)}@{version}?{qualifiers}"


def _component(package: Package, distro: str) -> dict[str, Any]:
    url = package_url(package, distro)
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": url,
        "name": package.name,
        "version": package.version,
        "purl": url,
    }
    if package.maintainer:
        component["supplier"] = {"name": package.maintainer}
    if package.licenses:
        component["licenses"] = [{"license": {"name": name}} for name in package.licenses]
    if package.kind == "deb":
        told = {
            "architecture": package.architecture,
            "source": package.source,
            "source-version": package.source_version,
        }
        component["properties"] = [
            {"name": f"roost:dpkg:{name}", "value": value} for name, value in told.items()
        ]
    return component
