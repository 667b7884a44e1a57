"""Versions in Debian's order: what dpkg 1.21 says of the same pairs, and dpkg's algorithm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.images.advisories.debversion import version_key

ASCENDING = [
    ("1.0~~", "1.0~~a"),
    ("1.0~~a", "1.0~"),
    ("1.0~", "1.0"),
    ("1.0~rc1-1", "1.0-1"),
    ("1.0", "1.0a"),
    ("1.0a", "1.0+"),
    ("1.0a", "1.0b"),
    ("1.0Z", "1.0a"),
    ("1.0z", "1.0.1"),
    ("1.9", "1.10"),
    ("1.2-9", "1.2-10"),
    ("1.2", "1.2-1"),
    ("1.2-1~bpo13+1", "1.2-1"),
    ("1.2-1", "1.2-1+b1"),
    ("1.2-1+b1", "1.2-1+deb13u1"),
    ("1.2-1+deb13u1", "1.2-1.1"),
    ("1.2-1+deb13u9", "1.2-1+deb13u10"),
    ("9.9", "1:0.1"),
    ("1:9", "2:1"),
    ("1.2-3-4", "1.2-3-5"),
    ("1.2-3", "1.2-3-4"),
    ("1:1:2", "1:1:3"),
    ("99999999999999999998", "99999999999999999999"),
    ("3.0.17-1~deb12u3", "3.5.1-1+deb13u1"),
]
EQUAL = [
    ("1.0", "1.0-0"),
    ("1.0", "0:1.0"),
    ("1.0", "1.00"),
    ("1.0", "1."),
    ("01.2", "1.2"),
    ("1a", "1a0"),
    ("1.0-0~", "1.0-0~0"),
]


@pytest.mark.parametrize(("lower", "higher"), ASCENDING)
def test_one_version_is_before_the_other(lower: str, higher: str) -> None:
    assert version_key(lower) < version_key(higher)


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_two_ways_to_write_a_version(one: str, other: str) -> None:
    assert version_key(one) == version_key(other)


@pytest.mark.parametrize(
    "text", ["", "a:1", "1 2", "1_2", "1,2", "\N{ARABIC-INDIC DIGIT ONE}", "1\n"]
)
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError, match="no version of a Debian package"):
        version_key(text)


def test_a_number_of_any_length() -> None:
    assert version_key("1" + "0" * 10_000) < version_key("2" + "0" * 10_000)


# dpkg's way (lib/dpkg/version.c): step by step over both texts, without keys.


def order(character: str) -> int:
    if not character or character.isdigit():
        return 0
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256


def compare_parts(one: str, other: str) -> int:
    while one or other:
        while (one and not one[0].isdigit()) or (other and not other[0].isdigit()):
            if difference := order(one[:1]) - order(other[:1]):
                return difference
            one, other = one[1:], other[1:]
        digits, other_digits = leading_digits(one), leading_digits(other)
        if difference := int(digits or "0") - int(other_digits or "0"):
            return difference
        one, other = one[len(digits) :], other[len(other_digits) :]
    return 0


def leading_digits(text: str) -> str:
    return text[: len(text) - len(text.lstrip("0123456789"))]


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


PARTS = st.text("019aZ.+~", max_size=8)


@given(PARTS, PARTS, PARTS, PARTS)
def test_the_same_as_dpkg_step_by_step(
    upstream: str, revision: str, other_upstream: str, other_revision: str
) -> None:
    key = version_key(f"0{upstream}-{revision}")
    other = version_key(f"0{other_upstream}-{other_revision}")
    expected = compare_parts(f"0{upstream}", f"0{other_upstream}") or compare_parts(
        revision, other_revision
    )
    assert (key > other) - (key < other) == sign(expected)
