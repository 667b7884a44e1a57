"""Who has to talk to whom, by the collector's ads."""

from __future__ import annotations

from typing import Any

import pytest

from roost.contract import Role
from roost.node.network.peers import find_known, must_talk

KINDS = {"master": "Negotiator", "submit": "Scheduler", "execute-1": "Slot", "execute-2": "Machine"}
NOW = 1_800_000_000


def ads(node: str, kind: str, **changes: Any) -> list[dict[str, Any]]:
    """The one of its condor_master, and the one of its role."""
    every = {
        "Machine": f"{node}.roost.pool",
        "MyAddress": "<10.1.0.3:9618?noUDP>",
        "MyCurrentTime": NOW,
        "LastHeardFrom": NOW,
        **changes,
    }
    return [{"MyType": "DaemonMaster", **every}, {"MyType": kind, **every, "MyCurrentTime": 1}]


POOL = [ad for node, kind in KINDS.items() for ad in ads(node, kind)]


@pytest.mark.parametrize(
    ("role", "name", "expected"),
    [
        (Role.MASTER, "master", [("submit", True), ("execute-1", False), ("execute-2", False)]),
        (Role.SUBMIT, "submit", [("master", True), ("execute-1", True), ("execute-2", True)]),
        (Role.EXECUTE, "execute-1", [("master", True), ("submit", True)]),
    ],
)
def test_whom_a_role_talks_to(role: Role, name: str, expected: list[tuple[str, bool]]) -> None:
    found = must_talk(role, name, find_known(POOL).values())
    assert [(known.name, needed) for known, needed in found] == expected


def test_the_clock_is_that_of_the_ad_that_came_fastest() -> None:
    slow = ads(
        "execute-3", "Slot", MyCurrentTime=NOW - 90, LastHeardFrom=NOW - 30, RoostHost="lab7"
    )
    known = find_known([*POOL, *slow])
    assert (known["execute-3"].ahead_s, known["execute-3"].heard_s) == (-60.0, 30.0)
    assert known["execute-3"].host == "lab7"
    assert (known["submit"].ahead_s, known["submit"].heard_s) == (0.0, 0.0)


def test_what_is_not_told_is_not_known() -> None:
    quiet = {"MyType": "Slot", "Machine": "execute-3.roost.pool", "MyAddress": "<10.1.0.9:9618>"}
    (known,) = find_known([quiet]).values()
    assert (known.ahead_s, known.heard_s) == (None, None)
    assert find_known([{**quiet, "MyAddress": "nowhere"}]) == {}
