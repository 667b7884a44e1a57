"""The short code that a node and its master both print for one request.

Who sits between the two shows the node a certificate of its own, so that the codes differ, unless that one
was searched for until they do not. Each try costs a run of scrypt (RFC 7914), for 2^40 codes.
"""

from __future__ import annotations

import base64
import hashlib

_CHARACTERS = 8
_COST = 2**13
"""Scrypt's N: with a block size of 8 a try takes 8 MiB and about 25 ms."""


def request_code(request_id: str, identity: str, fingerprint: str) -> str:
    """Eight letters and digits, such as ``7KQ2-MAB4``, that follow from HTCondor's id of the request, from
    who wants to be let in, and from the fingerprint of the master's certificate as the asker or the master
    knows it."""
    digest = hashlib.scrypt(
        f"{request_id}\n{identity}".encode(),
        salt=fingerprint.encode(),
        n=_COST,
        r=8,
        p=1,
        dklen=_CHARACTERS,
    )
    text = base64.b32encode(digest).decode()[:_CHARACTERS]
    return f"{text[:4]}-{text[4:]}"


def same_code(given: str, code: str) -> bool:
    """Whether a person means that code: letters' case, spaces and the hyphen do not matter."""
    return _bare(given) == _bare(code)


def _bare(text: str) -> str:
    return "".join(character for character in text.upper() if character.isalnum())
