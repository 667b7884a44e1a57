"""The tracker's data and an image's packages, small enough to see through."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from roost.images.advisories import InstalledPackage

BUGS = (
    "CVE-2024-0001,,The first, with a comma",
    "CVE-2025-0002,,The second",
    "TEMP-0841856-B18BAF,,Not of CVE yet \N{EM DASH} and not in ASCII",
)
PLACES = (
    "openssl,0,SHRF,3.5.2-1,3.0.17-1~deb12u3 3.5.1-1+deb13u1",
    "openssl,1,SM? ,,",
    "zlib,2,S   ,1:1.4-1,",
)
BINARIES = ("openssl,libssl3t64 openssl", "zlib,zlib1g", "gone,")

LIBSSL = InstalledPackage("libssl3t64", "3.5.1-1", "openssl", "3.5.1-1")
OPENSSL = InstalledPackage("openssl", "3.5.1-1+b1", "openssl", "3.5.1-1")
ZLIB = InstalledPackage("zlib1g", "1:1.3.dfsg+really1.3.1-1+b1", "zlib", "1:1.3.dfsg+really1.3.1-1")
JQ = InstalledPackage("jq", "1.7.1-6", "jq", "1.7.1-6")


def text(
    bugs: Sequence[str] = BUGS,
    places: Sequence[str] = PLACES,
    binaries: Sequence[str] = BINARIES,
) -> str:
    """The data as the tracker joins them: an empty line ends each part but the last."""
    return "\n".join(["VERSION 1", *bugs, "", *places, "", *binaries, ""])


def packed(content: str) -> bytes:
    return zlib.compress(content.encode(), 9)


DATA = packed(text())


def sbom(*packages: InstalledPackage) -> bytes:
    """The bill of materials of an image with these packages, and one of pip's."""
    components: list[dict[str, object]] = [
        {"type": "operating-system", "name": "debian", "version": "13"},
        {"name": "six", "version": "1.17.0", "purl": "pkg:pypi/six@1.17.0"},
    ]
    for one in packages:
        told = {"source": one.source, "source-version": one.source_version}
        components.append(
            {
                "name": one.name,
                "version": one.version,
                "purl": f"pkg:deb/debian/{one.name}@{one.version}?arch=amd64&distro=debian-13",
                "properties": [
                    {"name": f"roost:dpkg:{name}", "value": value} for name, value in told.items()
                ],
            }
        )
    return json.dumps({"bomFormat": "CycloneDX", "components": components}).encode()
