"""Invites: what they say comes back, and whatever is not one is told in words without its text."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.contract import Role
from roost.invitation import LONGEST_S, InvitationError, decode, encode, life_problem
from tests.unit.invites import make_invite

INVITE = make_invite(1_800_000_000.0)


def test_it_comes_back() -> None:
    for invite in (INVITE, dataclasses.replace(INVITE, node="execute-lab7", suite="forky")):
        line = encode(invite)
        assert "\n" not in line
        assert line.isascii()
        assert decode(f"  {line}\n") == invite
        assert decode("\n".join(line[at : at + 40] for at in range(0, len(line), 40))) == invite


def test_its_secret_is_not_shown_by_accident() -> None:
    assert "c2lnbmF0dXJl" not in f"{INVITE!r} {INVITE}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("hello", "this is no invite"),
        (encode(INVITE)[:-1], "damaged or cut short"),
        (encode(INVITE)[:60], "damaged or cut short"),
        (encode(INVITE).replace("roost-invite-1", "roost-invite-2"), "version '2'"),
        ("roost-invite-1.e30.", "damaged or cut short"),
        ("x" * 20000, "this is no invite"),
        (encode(dataclasses.replace(INVITE, certificate="short")), "no master writes"),
        (encode(dataclasses.replace(INVITE, certificate="")), "no master writes"),
        (encode(dataclasses.replace(INVITE, name="")), "no master writes"),
        (encode(dataclasses.replace(INVITE, token="x")), "no master writes"),
        (encode(dataclasses.replace(INVITE, role=Role.MASTER)), "no master writes"),
        (encode(dataclasses.replace(INVITE, node="Lab 7")), "no master writes"),
        (encode(dataclasses.replace(INVITE, suite="../x")), "no master writes"),
    ],
)
def test_what_is_no_invite(text: str, said: str) -> None:
    with pytest.raises(InvitationError, match=said) as failure:
        decode(text)
    assert "c2lnbmF0dXJl" not in str(failure.value)


def test_one_that_is_older_than_its_master_names_no_certificate() -> None:
    older = dataclasses.replace(INVITE, certificate="", name="")
    assert decode(encode(older)) == older


@given(st.integers(0, len(encode(INVITE)) - 1), st.characters(codec="ascii"))
def test_a_changed_character_is_noticed(at: int, character: str) -> None:
    line = encode(INVITE)
    changed = line[:at] + character + line[at + 1 :]
    if "".join(changed.split()) == line:
        return
    with pytest.raises(InvitationError):
        decode(changed)


@given(st.text())
def test_any_text_is_answered_in_words(text: str) -> None:
    with pytest.raises(InvitationError):
        decode(text)


@pytest.mark.parametrize("life_s", [0, 0.5, LONGEST_S + 1])
def test_how_long_an_invite_cannot_live(life_s: float) -> None:
    said = f"an invite lives from 1 s to 2592000 s (30 days), not {life_s} s"
    assert life_problem(life_s) == said


@pytest.mark.parametrize("life_s", [1, 3600.0, LONGEST_S])
def test_how_long_it_can(life_s: float) -> None:
    assert life_problem(life_s) is None
