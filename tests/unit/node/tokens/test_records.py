"""What the master remembers, and the configuration that follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.node.say import NodeError
from roost.node.tokens.access import render_access
from roost.node.tokens.files import replace_file
from roost.node.tokens.records import (
    Issued,
    Revocation,
    denied_identities,
    holders,
    read_issued,
    read_revocations,
    record_issued,
    write_revocations,
)

NOW = 1_800_000_000.0
ONE, TWO = "execute-1@lab.pool", "execute-2@lab.pool"


def test_revocations_are_kept_for_root_alone(tmp_path: Path) -> None:
    path = tmp_path / "revoked.json"
    assert read_revocations(path) == []
    revocations = [Revocation(ONE, 17), Revocation(TWO, 18, denied=False)]
    write_revocations(reversed(revocations), path)
    assert read_revocations(path) == revocations
    assert denied_identities(revocations) == {ONE}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": {}}', '{"a": {"until": "x", "denied": 1}}'])
def test_a_damaged_record_lets_nobody_in_again(tmp_path: Path, text: str) -> None:
    path = tmp_path / "revoked.json"
    path.write_text(text)
    with pytest.raises(NodeError, match=r"revoked\.json"):
        read_revocations(path)


def test_what_was_issued_is_noted_until_it_expires(tmp_path: Path) -> None:
    path = tmp_path / "issued.json"
    record_issued(
        [Issued(ONE, "key-a", NOW, NOW + 10), Issued(TWO, "key-a", NOW, NOW + 99)], NOW, path
    )
    record_issued([Issued(TWO, "key-b", NOW + 20, NOW + 90)], NOW + 20, path)
    assert read_issued(path) == {TWO: Issued(TWO, "key-b", NOW + 20, NOW + 90)}


def test_who_keeps_a_key_alive() -> None:
    issued = {
        name: Issued(name, key, NOW, NOW + left)
        for name, key, left in (
            ("a", "old", 50), ("b", "old", -1), ("c", "new", 50), ("d", "old", 50)
        )
    }  # fmt: skip
    assert holders(issued, "old", denied={"d"}, now=NOW) == ["a"]


def test_no_revocation_needs_no_words() -> None:
    text = render_access("key-1", [])
    assert "SEC_TOKEN_ISSUER_KEY = key-1\n" in text
    assert "REVOCATION" not in text
    assert "DENY" not in text


def test_revocations_come_beside_the_operators_own() -> None:
    text = render_access("key-1", [Revocation(ONE, 17), Revocation(TWO, 18, denied=False)])
    assert (
        "SEC_TOKEN_REVOCATION_EXPR = ($(SEC_TOKEN_REVOCATION_EXPR:false))"
        f' || (sub =?= "{ONE}" && iat <= 17) || (sub =?= "{TWO}" && iat <= 18)\n'
    ) in text
    assert f"DENY_READ = $(DENY_READ:) {ONE}\n" in text
    assert f"DENY_ADVERTISE_STARTD = $(DENY_ADVERTISE_STARTD:) {ONE}\n" in text
    assert text.count("DENY_") == 20
    assert text.count(TWO) == 1, "let in again: only its older tokens are refused"


def test_each_text_has_a_mark_of_its_own() -> None:
    marks = {
        render_access("key-1", revocations).rpartition(" = ")[2]
        for revocations in ([], [Revocation(ONE, 17)], [Revocation(ONE, 18)])
    }
    assert len(marks) == 3


def test_a_file_is_replaced_whole_and_a_leftover_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "file"
    (tmp_path / ".file.writing").write_text("half")
    replace_file(path, "whole", mode=0o644)
    assert path.read_text() == "whole"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]
