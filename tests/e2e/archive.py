"""A Debian archive with one package in it, signed by a key that exists no more.

The package is made here, always the same to the last bit, so that the signature fits.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping

from roost.engines.protocol import File

PACKAGE = "roost-test-package"
PACKAGE_FILE = f"pool/{PACKAGE}.deb"
INSTALLED_FILE = "/usr/share/roost-test"

SUITES = ("trixie", "trixie-updates")
_ARCHITECTURES = ("amd64", "arm64")

_CONTROL = b"""\
Package: roost-test-package
Version: 1.0
Architecture: all
Maintainer: Roost's tests <tests@example.org>
Description: a package that exists for a test alone
"""

_IN_RELEASE = """\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Origin: Roost's tests
Codename: trixie
Date: Thu, 01 May 2025 00:00:00 UTC
Architectures: amd64 arm64
Components: main
SHA256:
 65c061a353514a971f0a2ea848bfaa19f4a5db44101c7764cf97ec736e5cc7a0 280 main/binary-amd64/Packages
 65c061a353514a971f0a2ea848bfaa19f4a5db44101c7764cf97ec736e5cc7a0 280 main/binary-arm64/Packages
-----BEGIN PGP SIGNATURE-----

iHUEARYIAB0WIQShafdHxCaEivxey1lwCr1VsiPjMAUCaBK5vAAKCRBwCr1VsiPj
MIX7AQDDyzuy6QUl0trMEsw4jn7/11hXVBCkLl7EZ7SU1tWA0wEA9M0EB+tfVj3m
L+BbocE6lqbmOEvduFRMHXKlAoF1RgQ=
=/YAf
-----END PGP SIGNATURE-----
"""

PUBLIC_KEY = b"""\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEaBK5gBYJKwYBBAHaRw8BAQdAD2yqfYvNskdqkNr77m0c92VKGchmEQJ2ru9c
GjMDbhe0MFJvb3N0J3MgdGVzdHMgKG5vIG9uZSdzIGtleSkgPHRlc3RzQGV4YW1w
bGUub3JnPoiQBBMWCAA4FiEEoWn3R8QmhIr8XstZcAq9VbIj4zAFAmgSuYACGwMF
CwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQcAq9VbIj4zAWOAEAh6/fad7g5Car
8PbaLLK095xePeXCvmrvM7AKOxwka/0A/RT7TlVGXqfkYnPgE7ymoeT1Ltynp370
KB+x3XSFgv0K
=ApTj
-----END PGP PUBLIC KEY BLOCK-----
"""


def archive_files() -> dict[str, bytes]:
    """The whole archive by path, as it was signed."""
    package = _package()
    packages = (
        _CONTROL
        + (
            f"Filename: {PACKAGE_FILE}\nSize: {len(package)}\n"
            f"SHA256: {hashlib.sha256(package).hexdigest()}\n"
        ).encode()
    )
    files = {PACKAGE_FILE: package}
    for suite in SUITES:
        files[f"dists/{suite}/InRelease"] = _IN_RELEASE.encode()
        for architecture in _ARCHITECTURES:
            files[f"dists/{suite}/main/binary-{architecture}/Packages"] = packages
    return files


def unsigned(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same archive without signatures."""
    text = _IN_RELEASE.partition("\n\n")[2].partition("-----BEGIN PGP SIGNATURE")[0].encode()
    return {
        path.replace("InRelease", "Release"): text if path.endswith("InRelease") else data
        for path, data in files.items()
    }


def changed(files: Mapping[str, bytes], end: str, old: bytes, new: bytes) -> dict[str, bytes]:
    """The archive with something else, as long as before, in the files whose path ends so."""
    assert len(old) == len(new)
    assert any(path.endswith(end) and old in data for path, data in files.items())
    return {
        path: data.replace(old, new) if path.endswith(end) else data for path, data in files.items()
    }


def in_context(files: Mapping[str, bytes], top: str) -> tuple[File, ...]:
    """The archive as files of a build context, below ``top``."""
    return tuple(File(f"{top}/{path}", data) for path, data in files.items())


def _package() -> bytes:
    """deb(5)."""
    control = _tar(("./", b""), ("./control", _CONTROL))
    directories = ("./", "./usr/", "./usr/share/")
    data = _tar(*((name, b"") for name in directories), (f".{INSTALLED_FILE}", b"installed\n"))
    members = (("debian-binary", b"2.0\n"), ("control.tar", control), ("data.tar", data))
    return b"!<arch>\n" + b"".join(_ar_member(*member) for member in members)


def _ar_member(name: str, data: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode()
    return header + data + b"\n" * (len(data) % 2)


def _tar(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            member.mode = 0o755 if name.endswith("/") else 0o644
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()
