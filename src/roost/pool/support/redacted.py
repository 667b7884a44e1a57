"""Lines without secrets, also where a secret goes over many lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from roost.redaction import redact

_BEGIN = "-----BEGIN "
_END = "-----END "
_KEY = "PRIVATE KEY-----"
_LONGEST_KEY = 200
"""Lines of a key in PEM; what comes after so many is no key any more, whatever was cut off."""


def redacted(lines: Iterable[str]) -> Iterator[str]:
    """The lines without their secrets; of a key in PEM, one line stays that says so."""
    left = 0
    for line in lines:
        if left:
            left = 0 if _END in line else left - 1
            continue
        _, begins, rest = line.partition(_BEGIN)
        if begins and _KEY in rest and _END not in rest:
            left = _LONGEST_KEY
        yield redact(line)
