"""What is vulnerable, as debsecan decides it, and which is the worst."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roost.images.advisories import Finding, InstalledPackage, Urgency
from roost.images.advisories.data import parse_data
from roost.images.advisories.findings import match_packages
from tests.unit.images.advisories.samples import DATA, JQ, LIBSSL, OPENSSL, ZLIB, packed, text


def found_in(package: InstalledPackage, *places: str) -> list[Finding]:
    data = packed(text(places=places, binaries=[]))
    return match_packages([package], parse_data(data, origin="test"))


def test_every_binary_package_of_a_vulnerable_source_the_worst_first() -> None:
    found = match_packages([ZLIB, JQ, OPENSSL, LIBSSL], parse_data(DATA, origin="test"))
    assert [(one.vulnerability.id, one.package.name, one.fixed_version) for one in found] == [
        ("CVE-2024-0001", "libssl3t64", "3.5.1-1+deb13u1"),
        ("CVE-2024-0001", "openssl", "3.5.1-1+deb13u1"),
        ("CVE-2025-0002", "libssl3t64", None),
        ("CVE-2025-0002", "openssl", None),
        ("TEMP-0841856-B18BAF", "zlib1g", None),
    ]


@pytest.mark.parametrize(
    ("versions", "vulnerable"),
    [
        (",", True),
        ("1.7.1-6,", False),
        ("1.7.1-6+deb13u1,", True),
        ("1.7.1-5,", False),
        (",1.7.1-6", False),
        (",1.7.1-06", False),
        (",1.7.1-7", True),
        ("1.8-1,1.7.1-6", False),
        ("1.8-1,1.6-2+deb12u1 1.7.1-6+deb13u1", True),
        # A version that is higher than a fixed one of another branch is not thereby fixed.
        (",1.6-2", True),
    ],
)
def test_by_the_version_of_the_source(versions: str, vulnerable: bool) -> None:
    assert bool(found_in(JQ, f"jq,0,SM?F,{versions}")) is vulnerable


def test_a_rebuilt_binary_package_has_the_version_of_its_source() -> None:
    assert found_in(OPENSSL, "openssl,0,SM?F,3.5.1-1,") == []
    (found,) = found_in(replace(OPENSSL, source_version="3.5.0-1"), "openssl,0,SM?F,3.5.1-1,")
    assert found.compared_version == "3.5.0-1"


@pytest.mark.parametrize(
    ("version", "vulnerable"), [("3.5.1-1+b2", True), ("3.5.1-1+b1", False), ("", True)]
)
def test_by_the_version_of_a_binary_package_that_is_named_itself(
    version: str, vulnerable: bool
) -> None:
    package = replace(OPENSSL, source="other")
    assert bool(found_in(package, f"openssl,0,BM?F,{version},3.5.1-1+b1")) is vulnerable


def test_a_source_is_not_a_binary_package_of_the_same_name() -> None:
    assert found_in(replace(OPENSSL, source="other"), "openssl,0,SM?F,,") == []


@pytest.mark.parametrize(
    ("versions", "fixed"),
    [
        ("1.8-1,1.6-2+deb12u1 1.7.1-6+deb13u1 1.7.1-6+deb13u2", "1.7.1-6+deb13u1"),
        ("1.8-1,1.6-2+deb12u1", "1.8-1"),
        (",1.6-2+deb12u1", None),
    ],
)
def test_the_nearest_version_that_mends_it(versions: str, fixed: str | None) -> None:
    (found,) = found_in(JQ, f"jq,0,SM?F,{versions}")
    assert found.fixed_version == fixed


def test_a_fix_elsewhere_is_none_for_the_release() -> None:
    (found,) = found_in(JQ, "jq,0,SM? ,1.8-1,")
    assert found.fixed_version is None


def test_the_order() -> None:
    flags = ["SLR ", "S R ", "SM? ", "SM?F", "SMR ", "SH  "]
    found = found_in(JQ, *(f"jq,0,{one},," for one in flags))
    told = [
        (one.vulnerability.urgency, one.vulnerability.remote, one.vulnerability.fix_available)
        for one in found
    ]
    assert told == [
        (Urgency.HIGH, False, False),
        (Urgency.MEDIUM, True, False),
        (Urgency.MEDIUM, None, True),
        (Urgency.MEDIUM, None, False),
        (Urgency.UNKNOWN, True, False),
        (Urgency.LOW, True, False),
    ]


def test_a_package_of_two_architectures_counts_once() -> None:
    assert len(match_packages([ZLIB, ZLIB], parse_data(DATA, origin="test"))) == 1
