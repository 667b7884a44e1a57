"""What goes out of a text, and what stays."""

from __future__ import annotations

import json

import pytest

from roost.redaction import REDACTED, redact

TOKEN = (
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImtleS0xIn0.eyJpc3MiOiJsYWIucG9vbCIsInN1YiI6Im4ifQ.c2lnbmF0dXJl"
)
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc=\n-----END RSA PRIVATE KEY-----"
COOKIE = "5f2a8c1de09b47365f2a8c1de09b4736"
ADDRESS = "<10.88.0.5:9618?addrs=10.88.0.5-9618&alias=execute-1.lab.pool&sock=startd_28_9f3c>"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"Got token {TOKEN} from collector", f"Got token {REDACTED} from collector"),
        (f"signed part {TOKEN.rpartition('.')[0]}", f"signed part {REDACTED}"),
        (f"read\n{KEY}\ndone", f"read\n{REDACTED}\ndone"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE and no end", REDACTED),
        (f"claim {ADDRESS}#1700000000#7#{COOKIE} is on", f"claim {ADDRESS}#1700000000#7#... is on"),
        (f'#1700#7#[Encryption="YES";CryptoMethods="AES";]{COOKIE}', "#1700#7#..."),
        (f'ClaimId = "{ADDRESS}#17#7#short"', f'ClaimId = "{REDACTED}"'),
        (f'ClaimId = "{ADDRESS}#17#7#[Encryption="YES";]{COOKIE}"', f'ClaimId = "{REDACTED}"'),
        ('Capability = "a \\" quote"; Cpus = 1', f'Capability = "{REDACTED}"; Cpus = 1'),
        ('ClaimIdList = { "a#1","b#2" }\nCpus = 1', f'ClaimIdList = "{REDACTED}"\nCpus = 1'),
        ('_condor_privSomething = "x"', f'_condor_privSomething = "{REDACTED}"'),
        ('TransferKey = "1#5f', f'TransferKey = "{REDACTED}"'),
        ("Environment = \"HOME=/root A='x y'\"", f'Environment = "{REDACTED}"'),
        ('Env = "A=1;B=2"\nOwner = "roost"', f'Env = "{REDACTED}"\nOwner = "roost"'),
        ("DB_PASSWORD=hunter2 and PATH=/bin", f"DB_PASSWORD={REDACTED} and PATH=/bin"),
        ("AWS_SECRET_ACCESS_KEY='a b' x", f"AWS_SECRET_ACCESS_KEY={REDACTED} x"),
        ("prog --api-key=abc -n 3", f"prog --api-key={REDACTED} -n 3"),
        ("prog --token abc -n 3", f"prog --token {REDACTED} -n 3"),
        ("https://me:word@example.org/x", f"https://me:{REDACTED}@example.org/x"),
    ],
)
def test_secrets_go(text: str, redacted: str) -> None:
    assert redact(text) == redacted
    assert redact(redacted) == redacted


@pytest.mark.parametrize("text", [f'say "{TOKEN}"', KEY, 'Environment = "A=\\"secret\\""'])
def test_secrets_go_from_json_too(text: str) -> None:
    for secret in ("MIIE", "c2lnbmF0", 'A=\\\\"secret'):
        assert secret not in redact(json.dumps({"message": text}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Job 12.3 set to execute on slot1_1@execute-1.lab.pool",
        "SEC_TOKEN_ISSUER_KEY = key-5f0c2a91",
        "SEC_CLIENT_AUTHENTICATION_METHODS = IDTOKENS, FS",
        f'PublicClaimId = "{ADDRESS}#1700000000#7#..."',
        "Token requests are served; the key POOL is not there",
        "Environment variables were taken over",
        "slot1_1 claimed under a pre-token regime",
        "2.0 GB at https://example.org:8080/path@2",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_an_invite_is_a_secret() -> None:
    line = "pasted roost-invite-1.eyJpZCI6IjBh.0a1b2c3d4e5f into the wrong window"
    assert redact(line) == f"pasted roost-invite-1.{REDACTED} into the wrong window"
