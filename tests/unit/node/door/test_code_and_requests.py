"""Codes, what HTCondor's tool says of requests, and fingerprints."""

from __future__ import annotations

import base64
import hashlib

import pytest

from roost.node.door.certificate import fingerprint_of_pem
from roost.node.door.code import request_code, same_code
from roost.node.door.requests import TokenRequest, parse_requests
from roost.node.say import NodeError

LISTED = """\
[
{
  "AuthenticatedIdentity": "unauthenticated@unmapped",
  "ClientId": "ed0ff5e9d0f2-205",
  "LimitAuthorization": "ADVERTISE_STARTD,ADVERTISE_MASTER,READ",
  "PeerLocation": "10.89.0.5",
  "RequestedIdentity": "execute-9@lab.pool",
  "RequestId": "8342157",
  "TokenLifetime": 1000
}
]
"""


def test_both_sides_make_the_same_code() -> None:
    code = request_code("8342157", "execute-9@lab.pool", "ab" * 32)
    assert code == request_code("8342157", "execute-9@lab.pool", "ab" * 32)
    assert len(code) == 9
    assert same_code(f" {code.lower().replace('-', ' ')}", code)
    others = [
        request_code("8342158", "execute-9@lab.pool", "ab" * 32),
        request_code("8342157", "execute-8@lab.pool", "ab" * 32),
        request_code("8342157", "execute-9@lab.pool", "ac" * 32),
    ]
    assert not any(same_code(other, code) for other in others)


def test_a_request_as_the_collector_tells_it() -> None:
    assert parse_requests(LISTED) == [
        TokenRequest(
            "8342157",
            "execute-9@lab.pool",
            "unauthenticated@unmapped",
            "10.89.0.5",
            ("ADVERTISE_STARTD", "ADVERTISE_MASTER", "READ"),
            1000,
        )
    ]
    assert parse_requests("") == parse_requests("[]") == []


def test_a_request_that_names_no_authorization() -> None:
    (request,) = parse_requests('[{"RequestId": "1", "RequestedIdentity": "x@y"}]')
    assert (request.authorizations, request.lifetime_s) == ((), None)


def pem(data: bytes) -> str:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n"


def test_the_last_certificate_of_a_chain_is_pinned() -> None:
    chain = pem(b"leaf") + pem(b"authority")
    assert fingerprint_of_pem(chain, "x") == hashlib.sha256(b"authority").hexdigest()


@pytest.mark.parametrize("text", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nab"])
def test_no_certificate(text: str) -> None:
    with pytest.raises(NodeError, match=r"host\.crt holds no certificate"):
        fingerprint_of_pem(text, "host.crt")
