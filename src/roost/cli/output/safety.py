"""What others said, made harmless for the terminal it is shown on.

Names and words that come from ads, jobs and logs are whatever a node or a user of the pool makes them.
"""

from __future__ import annotations

import re

_UNSAFE = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
_ANYTHING_UNSAFE = re.compile(f"({_UNSAFE})")
_UNSAFE_BUT_COLORS = re.compile(rf"(?:\x1b\[[0-9;]*m)|({_UNSAFE})")


def safe(text: str) -> str:
    """The text with nothing in it that a terminal would act upon, except for line ends and tabs."""
    return _ANYTHING_UNSAFE.sub(_escape, text)


def safe_styled(text: str) -> str:
    """The same for text that has colors already, which stay."""
    return _UNSAFE_BUT_COLORS.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    code = ord(match[1])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
