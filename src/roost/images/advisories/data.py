"""The vulnerability data that Debian's security tracker makes for debsecan(1), format 1. Pure.

Its only descriptions are the sources of the reader (debsecan, ``fetch_data``) and of the writer (the
tracker's ``calculateDebsecan1``). It is text, compressed with zlib::

    VERSION 1
    CVE-2025-0001,,a description      (the vulnerabilities)

    openssl,0,SHRF,3.5.2-1,3.0.17-1~deb12u3 3.5.1-1+deb13u1      (where they are)

    openssl,libssl3t64 openssl      (binary packages of the release; not used here)

The second part has the package, the number of the line above, four flags, the first version without the
vulnerability in Debian unstable, and all such versions in other releases. The flags are the kind of
package (S source, B binary), urgency (L, M, H), remotely exploitable (R, ? for unknown), and F where the
release has a version without it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from roost.errors import RoostError
from roost.images.advisories.debversion import ALLOWED

MOST_BYTES = 32 * 1024 * 1024
"""Compressed; ten times what 60,000 vulnerabilities in 120,000 places take."""
_MOST_UNPACKED_BYTES = 256 * 1024 * 1024

_HEADER = "VERSION 1"
_NAME = r"[A-Za-z0-9+.:_-]+"
_BUG = re.compile(r"([A-Z]+-[A-Za-z0-9-]+),[^,]*,(.*)")
_PLACE = re.compile(
    rf"(?P<package>{_NAME}),(?P<bug>[0-9]{{1,9}})"
    rf",(?P<kind>[SB ])(?P<urgency>[HML ])(?P<remote>[R? ])(?P<fix>[F ])"
    rf",(?P<unstable>{ALLOWED})?,(?P<others>{ALLOWED}(?: {ALLOWED})*)?"
)
_BINARIES = re.compile(rf"{_NAME},(?:{_NAME}(?: {_NAME})*)?")


class Urgency(StrEnum):
    """What Debian thinks of a vulnerability."""

    HIGH = "high"
    MEDIUM = "medium"
    UNKNOWN = "unknown"
    """Nobody has judged it yet."""
    LOW = "low"


_URGENCIES = {"H": Urgency.HIGH, "M": Urgency.MEDIUM, "L": Urgency.LOW, " ": Urgency.UNKNOWN}
_REMOTE = {"R": True, " ": False, "?": None}


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A vulnerability of one package."""

    id: str
    """Of CVE, or ``TEMP-...`` before it has one."""
    description: str
    package: str
    of_binary: bool
    """``package`` is a binary package; mostly it is a source package."""
    urgency: Urgency
    remote: bool | None
    """Remotely exploitable; None where nobody has said so."""
    fix_available: bool
    """The release that the data are of has a version without it."""
    unstable_version: str | None
    """The first version in Debian unstable without it, None while there is none."""
    other_versions: tuple[str, ...]
    """All versions in other releases without it."""


class AdvisoryDataError(RoostError):
    """What was read is not the tracker's data."""

    def __init__(self, seen: str, *, origin: str) -> None:
        super().__init__(
            f"{origin} is not vulnerability data as debsecan reads it: {seen}",
            hint="--source names the tracker's files for debsecan, as they are: zlib-compressed, format 1",
        )


def parse_data(data: bytes, *, origin: str) -> Mapping[str, tuple[Vulnerability, ...]]:
    """Vulnerabilities by the name of their package.

    Raises :class:`AdvisoryDataError`, in which ``origin`` says where the data are from, for all that is
    not exactly of the format: half of the data would look like a healthy image.
    """
    try:
        return _parse(_unpack(data))
    except ValueError as error:
        raise AdvisoryDataError(str(error), origin=origin) from error


def _unpack(data: bytes) -> str:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, _MOST_UNPACKED_BYTES)
    except zlib.error as error:
        raise ValueError(f"it is not compressed with zlib; it starts with {data[:40]!r}") from error
    if len(text) >= _MOST_UNPACKED_BYTES:
        raise ValueError(f"it is more than {_MOST_UNPACKED_BYTES >> 20} MiB once unpacked")
    if not unpacker.eof:
        raise ValueError(f"it ends too early, after {len(data)} bytes")
    if unpacker.unused_data:
        raise ValueError(f"{len(unpacker.unused_data)} bytes follow its end")
    return text.decode("utf-8")  # whose error is a ValueError that names the place


def _parse(text: str) -> dict[str, tuple[Vulnerability, ...]]:
    lines = enumerate(text.split("\n"), start=1)
    _, header = next(lines)
    if header != _HEADER:
        raise ValueError(f"it starts with {header[:40]!r}, not with {_HEADER!r}")
    bugs = [_match(_BUG, number, line).groups() for number, line in _section(lines)]
    found: dict[str, list[Vulnerability]] = {}
    for number, line in _section(lines):
        one = _vulnerability(number, line, bugs)
        found.setdefault(one.package, []).append(one)
    for number, line in _section(lines):
        _match(_BINARIES, number, line)
    if rest := next((f"line {number}: {line[:80]!r}" for number, line in lines if line), None):
        raise ValueError(f"something follows its last part, {rest}")
    if not found:
        raise ValueError("it names no vulnerability at all")
    return {package: tuple(vulnerabilities) for package, vulnerabilities in found.items()}


def _section(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Lines up to the next empty one. The end of the text is one, since its last line ends too."""
    number = 0
    for number, line in lines:
        if not line:
            return
        yield number, line
    raise ValueError(f"it ends within a part, at line {number}" if number else "a part is missing")


def _match(pattern: re.Pattern[str], number: int, line: str) -> re.Match[str]:
    match = pattern.fullmatch(line)
    if match is None:
        raise ValueError(f"line {number} is {line[:80]!r}")
    return match


def _vulnerability(number: int, line: str, bugs: list[tuple[str, ...]]) -> Vulnerability:
    match = _match(_PLACE, number, line)
    bug = int(match["bug"])
    if bug >= len(bugs):
        raise ValueError(f"line {number} names vulnerability {bug} of {len(bugs)}")
    name, description = bugs[bug]
    return Vulnerability(
        id=name,
        description=description,
        package=match["package"],
        of_binary=match["kind"] == "B",
        urgency=_URGENCIES[match["urgency"]],
        remote=_REMOTE[match["remote"]],
        fix_available=match["fix"] == "F",
        unstable_version=match["unstable"],
        other_versions=tuple((match["others"] or "").split()),
    )
