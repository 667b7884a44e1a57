"""Debian's order of versions, by deb-version(7), section "Sorting algorithm". Pure.

Written out here, since neither dpkg nor python3-apt is on every host that has a container engine.
"""

from __future__ import annotations

import re

ALLOWED = r"(?:[0-9]+:[A-Za-z0-9.+~:-]+|[A-Za-z0-9.+~-]+)"
"""Pattern of a version: a colon stands in it only after an epoch."""

_VERSION = re.compile(ALLOWED)
_PIECES = re.compile(r"([^0-9]*)([0-9]*)")

_Number = tuple[int, str]
_Text = tuple[int, ...]
_Part = tuple[_Number | _Text, ...]
VersionKey = tuple[_Number, _Part, _Part]

_END: _Text = (0,)
"""Of a text without digits: after ``~`` and before everything else."""


def version_key(version: str) -> VersionKey:
    """What sorts as the version does, and is equal for versions that are. Raises :class:`ValueError`."""
    if _VERSION.fullmatch(version) is None:
        raise ValueError(f"{version!r} is no version of a Debian package")
    epoch, _, rest = version.partition(":") if ":" in version else ("", "", version)
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return _number(epoch), _part(upstream), _part(revision)


def _part(text: str) -> _Part:
    """Texts and numbers by turns, a text first and last.

    A number that is not there counts as 0: so an absent revision is the revision 0.
    """
    pieces = _PIECES.findall(text)[:-1] or [("", "")]  # the last one is always empty
    return (*(key for piece in pieces for key in (_text(piece[0]), _number(piece[1]))), _END)


def _text(text: str) -> _Text:
    return (*(_order(character) for character in text), *_END)


def _order(character: str) -> int:
    """``~`` before the end of the text, which is before letters, which are before all others."""
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256


def _number(digits: str) -> _Number:
    """By length first: as a number of any size is compared, without making one of foreign data."""
    significant = digits.lstrip("0")
    return len(significant), significant
