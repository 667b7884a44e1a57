"""HTCondor's IDTOKENS, made without HTCondor. Pure.

A JSON Web Token (RFC 7519) with HMAC-SHA256, whose key is derived (HKDF, RFC 5869) from the signing key, and
that is in its file under a fixed mask (``Condor_Auth_Passwd::generate_token``, ``simple_scramble``).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

_MASK = b"\xde\xad\xbe\xef"
_SALT, _PURPOSE = b"htcondor", b"master jwt"


def sign_token(key_file: bytes, key_id: str, claims: Mapping[str, object]) -> str:
    """The token with these claims, by the key whose file holds ``key_file``."""
    header = {"alg": "HS256", "kid": key_id, "typ": "JWT"}
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    key = _derived(bytes(byte ^ _MASK[at % 4] for at, byte in enumerate(key_file)))
    signature = hmac.digest(key, signed.encode(), hashlib.sha256)
    return f"{signed}.{_encoded(signature)}"


def _derived(key: bytes) -> bytes:
    """One block of HKDF, which is as long as the key has to be."""
    extracted = hmac.digest(_SALT, key, hashlib.sha256)
    return hmac.digest(extracted, _PURPOSE + b"\x01", hashlib.sha256)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
