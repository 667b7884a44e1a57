"""Signing keys and tokens as files."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from roost.node.credential import check_token, ensure_signing_key, refuse_expired
from roost.node.say import NodeError

NOW = 1_800_000_000.0


def write_token(path: Path, mode: int = 0o600, **claims: object) -> Path:
    values = {"iss": "lab.pool", "sub": "execute-1@lab.pool", "exp": NOW + 60, **claims}
    parts = [b"{}", json.dumps(values).encode(), b"signature"]
    path.write_bytes(b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts))
    path.chmod(mode)
    return path


def test_one_key_is_made_whoever_asks(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    with ThreadPoolExecutor(8) as threads:
        ids = {
            made.result() for made in [threads.submit(ensure_signing_key, keys) for _ in range(8)]
        }
    (key_id,) = ids
    files = [path for path in keys.iterdir() if not path.is_symlink()]
    assert [path.name for path in files] == [key_id]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert len(files[0].read_bytes()) == 64
    assert keys.stat().st_mode & 0o777 == 0o700


def test_a_lost_key_is_not_replaced_in_silence(tmp_path: Path) -> None:
    key_id = ensure_signing_key(tmp_path)
    (tmp_path / key_id).unlink()
    with pytest.raises(NodeError, match="restore the master's volume"):
        ensure_signing_key(tmp_path)


def test_a_good_token(tmp_path: Path) -> None:
    check_token(write_token(tmp_path / "token"), now=NOW, pool="lab")


def test_no_token(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="is missing"):
        check_token(tmp_path / "token", now=NOW, pool="lab")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_token_that_others_can_read(tmp_path: Path, mode: int) -> None:
    with pytest.raises(NodeError, match="with mode 0600"):
        check_token(write_token(tmp_path / "token", mode), now=NOW, pool="lab")


def test_a_token_of_another_pool(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match=r"issued by 'other\.pool'"):
        check_token(write_token(tmp_path / "token", iss="other.pool"), now=NOW, pool="lab")


def test_an_expired_token_that_the_master_refuses(tmp_path: Path) -> None:
    path = write_token(tmp_path / "token", exp=NOW - 90)
    claims = check_token(path, now=NOW, pool="lab")
    with pytest.raises(NodeError, match=r"expired 90 s ago: get a new one .*`roost up` gives one"):
        refuse_expired(claims, now=NOW, is_taken=lambda: False)


def test_a_clock_that_is_a_day_fast_is_told_from_an_expired_token(tmp_path: Path) -> None:
    """By the master's clock the token is good: it takes it."""
    claims = check_token(write_token(tmp_path / "token", exp=NOW), now=NOW + 90_000, pool="lab")
    with pytest.raises(NodeError) as caught:
        refuse_expired(claims, now=NOW + 90_000, is_taken=lambda: True)
    said = str(caught.value)
    assert "this node's clock is wrong: by it, 2027-01-16 09:00 UTC" in said
    assert "expired 25 h ago, but the master still takes it" in said


def test_a_good_token_needs_no_word_of_the_master(tmp_path: Path) -> None:
    claims = check_token(write_token(tmp_path / "token"), now=NOW, pool="lab")
    refuse_expired(claims, now=NOW, is_taken=lambda: pytest.fail("asked"))


def test_a_clock_that_is_a_day_slow(tmp_path: Path) -> None:
    path = write_token(tmp_path / "token", iat=NOW, exp=NOW + 2_592_000)
    with pytest.raises(NodeError, match=r"issued only in 24 h: this clock is slow.*\(NTP\)"):
        check_token(path, now=NOW - 86_400, pool="lab")
    check_token(path, now=NOW - 200, pool="lab")


@pytest.mark.parametrize("text", ["", "nodots", "a.b.c", "W10.W10.W10", "\xff"])
def test_what_is_no_token(tmp_path: Path, text: str) -> None:
    path = tmp_path / "token"
    path.write_text(text, encoding="latin-1")
    path.chmod(0o600)
    with pytest.raises(NodeError, match=r"the credential .*token") as caught:
        check_token(path, now=NOW, pool="lab")
    said = str(caught.value).replace(str(path), "")
    assert not text or text not in said, "a credential is never shown"
