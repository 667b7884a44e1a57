"""Which versions of HTCondor work together in one pool."""

from __future__ import annotations

import re
from typing import NamedTuple

from roost.node.say import NodeError

_VERSION = re.compile(r"\$CondorVersion: (\d+)\.(\d+)\.(\d+)")


class Version(NamedTuple):
    """HTCondor's version, such as 23.9.6."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


class Versions(NamedTuple):
    """Of a node and of its master; None where it is not known."""

    mine: Version | None
    masters: Version | None


OLDEST = Version(23, 9, 0)
NEXT_MAJOR = Version(26, 0, 0)
"""From the one to before the other; 23.9.6 and 25.14.1 were seen to work together."""


def find_version(text: str) -> Version | None:
    """The first version in a text, as HTCondor writes it: ``$CondorVersion: 23.9.6 2024-08-08 …``."""
    found = _VERSION.search(text)
    return Version(*map(int, found.groups())) if found else None


def refuse_mixture(versions: Versions) -> None:
    """Raise :class:`NodeError` where a node and its master have versions that were never tried together.

    The same version on both is well, whichever it is. What is not known is not refused.
    """
    known = {one for one in versions if one is not None}
    if len(known) == 2 and not all(OLDEST <= one < NEXT_MAJOR for one in known):
        mine, masters = versions
        raise NodeError(
            f"this node has HTCondor {mine} and its master {masters}: different versions work together from"
            f" {OLDEST.major}.{OLDEST.minor} to {NEXT_MAJOR.major - 1}.x only; use an image with HTCondor"
            f" {masters} here"
        )
