"""Licences of a Debian package, where its copyright file is made for machines."""

from __future__ import annotations

import re
from pathlib import Path

_FORMAT = re.compile(r"Format(-Specification)?:.*copyright-format", re.IGNORECASE)
_LICENSE = re.compile(r"^License:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)
_BETWEEN = re.compile(r",?\s+(?:and|or)\s+|,\s+", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+/-]*(?:[ -]with[ -][\w.+ -]{1,40}[ -]exception)?", re.I)


def licenses_in(file: Path) -> tuple[str, ...]:
    """The short names of all licences in a copyright file of the format 1.0, sorted, each once.

    Nothing for other files, whose text only people can read. They are Debian's short names, such as
    ``GPL-2+``. A first line that is no name but the start of the licence's text is passed over.
    """
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    if not _FORMAT.match(text):
        return ()
    names = {
        name.strip("() ")
        for line in _LICENSE.findall(text)
        for name in _BETWEEN.split(line.strip())
    }
    return tuple(sorted(name for name in names if _NAME.fullmatch(name)))
