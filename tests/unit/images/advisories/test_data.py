"""The tracker's data, in the format that debsecan reads; and what is refused."""

from __future__ import annotations

import contextlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roost.images.advisories import Urgency, Vulnerability, data
from roost.images.advisories.data import AdvisoryDataError, parse_data
from tests.unit.images.advisories.samples import BUGS, DATA, PLACES, packed, text


def parse(content: bytes) -> dict[str, tuple[Vulnerability, ...]]:
    return dict(parse_data(content, origin="somewhere"))


def test_vulnerabilities_by_package() -> None:
    found = parse(DATA)
    assert {name: [one.id for one in them] for name, them in found.items()} == {
        "openssl": ["CVE-2024-0001", "CVE-2025-0002"],
        "zlib": ["TEMP-0841856-B18BAF"],
    }
    assert found["openssl"][0] == Vulnerability(
        id="CVE-2024-0001",
        description="The first, with a comma",
        package="openssl",
        of_binary=False,
        urgency=Urgency.HIGH,
        remote=True,
        fix_available=True,
        unstable_version="3.5.2-1",
        other_versions=("3.0.17-1~deb12u3", "3.5.1-1+deb13u1"),
    )


def test_what_nobody_has_said() -> None:
    found = parse(DATA)
    second, temporary = found["openssl"][1], found["zlib"][0]
    assert (second.remote, second.fix_available) == (None, False)
    assert (second.unstable_version, second.other_versions) == (None, ())
    assert (temporary.urgency, temporary.remote) == (Urgency.UNKNOWN, False)


def test_flags_of_binary_and_unknown_packages() -> None:
    places = ["a,0,BL F,1,", "b,0, L F,1,"]
    found = parse(packed(text(places=places, binaries=[])))
    assert [found[name][0].of_binary for name in "ab"] == [True, False]
    assert found["a"][0].urgency is Urgency.LOW


def changed(old: str, new: str) -> bytes:
    content = text()
    assert old in content
    return packed(content.replace(old, new, 1))


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"", "it ends too early, after 0 bytes"),
        (
            b"<!DOCTYPE html><title>Log in</title>",
            "not compressed with zlib; it starts with b'<!DOC",
        ),
        (text().encode(), "not compressed with zlib"),
        (DATA[:-5], "it ends too early"),
        (DATA[:-1] + bytes([DATA[-1] ^ 1]), "not compressed with zlib"),
        (DATA + b"more", "4 bytes follow its end"),
        (zlib.compress(b"VERSION 1\n\xff\n"), "can't decode byte 0xff"),
        (packed(""), "it starts with '', not with 'VERSION 1'"),
        (packed("VERSION 1"), "a part is missing"),
        (packed(text().replace("VERSION 1", "VERSION 2")), "starts with 'VERSION 2'"),
        (packed("\n".join(["VERSION 1", *BUGS, "", *PLACES])), "it ends within a part, at line 8"),
        (packed(text() + "\nCVE-2025-1"), "something follows its last part, line 14"),
        (packed(text(places=[])), "names no vulnerability at all"),
        (changed("CVE-2024-0001,,", "CVE-2024-0001"), "line 2 is 'CVE-2024-0001The first"),
        (changed("CVE-2024-0001,", "\x1b[31mCVE,"), r"line 2 is '\\x1b"),
        (changed("openssl,0", "open ssl,0"), "line 6 is 'open ssl,0"),
        (changed("openssl,0", "openssl,-1"), "line 6"),
        (changed("openssl,0", "openssl,3"), "line 6 names vulnerability 3 of 3"),
        (changed("SHRF", "SHR"), "line 6"),
        (changed("SHRF", "XHRF"), "line 6"),
        (changed("SHRF", "SXRF"), "line 6"),
        (changed("SHRF", "SHXF"), "line 6"),
        (changed("SHRF", "SHRX"), "line 6"),
        (changed("3.5.2-1", "3.5_2"), "line 6"),
        (changed("3.5.2-1", "a:3"), "line 6"),
        (changed("deb12u3 3", "deb12u3  3"), "line 6"),
        (changed("openssl,1,SM? ,,", "openssl,1,SM? ,"), "line 7"),
        (changed("zlib,zlib1g", "zlib zlib1g"), "line 11"),
    ],
)
def test_anything_else_is_refused(content: bytes, seen: str) -> None:
    with pytest.raises(AdvisoryDataError, match=seen) as refused:
        parse(content)
    assert refused.value.message.startswith(
        "somewhere is not vulnerability data as debsecan reads it"
    )
    assert refused.value.hint


@given(
    st.integers(0, len(text())), st.integers(0, 9), st.text("\n ,09aS?~:-\x00\udcff", max_size=9)
)
def test_no_other_error_whatever_is_changed(start: int, length: int, new: str) -> None:
    content = text()[:start] + new + text()[start + length :]
    with contextlib.suppress(AdvisoryDataError):
        parse(zlib.compress(content.encode(errors="surrogateescape")))


def test_little_that_unpacks_to_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_MOST_UNPACKED_BYTES", 1 << 20)
    with pytest.raises(AdvisoryDataError, match="more than 1 MiB once unpacked"):
        parse(zlib.compress(b"VERSION 1\n" + b"x" * (1 << 21)))


def test_a_part_may_be_empty() -> None:
    assert set(parse(packed(text(binaries=[])))) == {"openssl", "zlib"}
    with pytest.raises(AdvisoryDataError, match="names vulnerability 0 of 0"):
        parse(packed(text(bugs=[])))
