"""The lines of a build, read: what is going on, and which versions went in. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from roost.errors import ImageBuildError

_VERSION = re.compile(r"roost-package condor ([0-9]\S*)")
_GET = re.compile(r"^Get:\d+ \S+ \S+ \S+ (?P<package>\S+) \S+ \S+ \[")
_DPKG = re.compile(r"^(?P<action>Unpacking|Setting up) (?P<package>[^\s:]+)")
_INDEX = re.compile(r"^(Get|Hit):\d+ ")
_PIP = re.compile(r"^(?P<action>Collecting|Downloading|Building wheel for) (?P<what>[^\s(]+)")


def describe(line: str) -> str | None:
    """What a line of apt's, dpkg's, pip's or mmdebstrap's output says to people; None: nothing."""
    line = line.strip()
    if found := _GET.match(line):
        return f"downloading {found['package']}"
    if found := _DPKG.match(line):
        verb = "unpacking" if found["action"] == "Unpacking" else "setting up"
        return f"{verb} {found['package']}"
    if _INDEX.match(line):
        return "reading package lists"
    if found := _PIP.match(line):
        return f"{found['action'].lower()} {found['what'].rpartition('/')[2]}"
    if line.startswith("I: ") and line.endswith("..."):
        return line.removeprefix("I: ").removesuffix("...")
    return None


def telling(update: Callable[[str], None]) -> Callable[[str], None]:
    """A taker of lines that passes on what they say to people."""

    def take(line: str) -> None:
        if text := describe(line):
            update(text)

    return take


class VersionReader:
    """Takes the lines of a build and keeps the version of HTCondor that they tell."""

    def __init__(self) -> None:
        self._version: str | None = None

    def read(self, line: str) -> None:
        """Read one line."""
        if found := _VERSION.search(line):
            self._version = found[1]

    def package_version(self) -> str:
        """Debian's version of the package ``condor``."""
        if self._version is None:
            raise ImageBuildError(
                "the build did not say which HTCondor it installed",
                hint="build again with --refresh",
            )
        return self._version
