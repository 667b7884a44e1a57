"""Secrets out of text that people will read, send around or keep: logs, ads, configuration.

What looks like a secret goes, whoever wrote it: HTCondor's own (tokens, keys, the secret ends of claim
ids, private attributes) and those of users, which jobs hold in their environment and arguments. Imported
on both sides, so it may use nothing but the standard library.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

REDACTED = "[redacted]"
"""What stands where a secret stood. Of a claim id, ``#...`` does, as HTCondor itself writes it."""

_SMELLS = (
    r"(?:password|passwd|passphrase|secret|token|credentials?"
    r"|(?:api|access|private|secret|signing|session)[_-]?key)"
)
_VALUE = r"""(?:'[^'\n]*'|"[^"\n]*"|[^\s"',;&\\]+)"""
_PRIVATE = r"ClaimId|ClaimIds|ClaimIdList|ChildClaimIds|PairedClaimId|Capability|TransferKey"
_ENVIRONMENT = r"Env|Environment"


class _Rule(NamedTuple):
    """A pattern is looked for, and compiled, only for a text that has one of the words, in lower case: lines
    of a log are many, and secrets in them few."""

    words: tuple[str, ...]
    pattern: str
    instead: str


def _rule(words: str, pattern: str, instead: str) -> _Rule:
    return _Rule(tuple(words.split()), pattern, instead)


_RULES = (
    _rule(
        "-----begin",
        r"-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----.*?(?:-----END \1PRIVATE KEY-----|\Z)",
        REDACTED,
    ),
    # A JSON web token, also without its signature: HTCondor's tokens, and those of others.
    _rule("eyj", r"(?-i:\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?)", REDACTED),
    # An invite: who has it may let a node into the pool.
    _rule("roost-invite-", r"(roost-invite-\d+)\.[\w.-]+", rf"\1.{REDACTED}"),
    # <address>#start#number#[session info]key, and a transfer's number#key. Before the attributes that
    # hold them: the quotes of the session info need not be escaped.
    _rule("#", r"#(?:\[[^\]\n]*\])?[0-9a-f]{16,}", "#..."),
    # Attributes that HTCondor calls private (compat_classad.cpp), and the environments of jobs, whole:
    # as an ad is printed, as JSON, and with their quotes escaped, where their end cannot be told from
    # a quote inside.
    _rule(
        "claimid capability transferkey _condor_priv env",
        rf'\b({_PRIVATE}|_condor_priv\w*|{_ENVIRONMENT})("?\s*[=:]\s*)'
        r'(?:\{[^}]*(?:\}|\Z)|"(?:\\.|[^"\\])*(?:"|\Z)|\\"[^\n]*)',
        rf'\1\2"{REDACTED}"',
    ),
    # As in an environment or an argument. With blanks around the sign it is configuration, which names
    # files and ids.
    _rule(
        "passw passphrase secret token credential key",
        rf"([\w-]*{_SMELLS}[\w-]*=){_VALUE}",
        rf"\1{REDACTED}",
    ),
    _rule(
        "passw passphrase secret token credential key",
        rf"((?<![\w-])--?[\w-]*{_SMELLS}[ \t]+){_VALUE}",
        rf"\1{REDACTED}",
    ),
    _rule("://", r"(://[^\s/:@]*:)[^\s/@]+(?=@)", rf"\1{REDACTED}"),
)


def redact(text: str) -> str:
    """The text without its secrets; the same text where there are none."""
    lower = text.lower()
    for words, pattern, instead in _RULES:
        if any(word in lower for word in words):
            text = _compiled(pattern).sub(instead, text)
    return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
