"""Which token requests are renewals, and when the master looks for them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from roost.node.tokens.approve import APPROVE_EVERY_S, Approver, renewal_problem

ME = "execute-1@lab.pool"
GOOD = {
    "AuthenticatedIdentity": ME,
    "RequestedIdentity": ME,
    "LimitAuthorization": "ADVERTISE_STARTD,ADVERTISE_MASTER,READ",
    "TokenLifetime": 1000,
    "RequestId": "0012345",
}


def problem(**changes: Any) -> str | None:
    return renewal_problem(
        {**GOOD, **changes}, "lab", denied={"execute-9@lab.pool"}, lifetime_s=1000
    )


def both(identity: str) -> dict[str, str]:
    return {"AuthenticatedIdentity": identity, "RequestedIdentity": identity}


def test_a_renewal_is_approved() -> None:
    assert problem() is None
    schedd = "ADVERTISE_SCHEDD,READ"
    assert problem(**both("submit@lab.pool"), LimitAuthorization=schedd) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"AuthenticatedIdentity": "execute-2@lab.pool"}, "not logged in as whom"),
        ({"AuthenticatedIdentity": "unauthenticated@unmapped"}, "not logged in as whom"),
        ({"AuthenticatedIdentity": None}, "not logged in as whom"),
        ({"RequestedIdentity": None, "AuthenticatedIdentity": None}, "not logged in as whom"),
        (both("execute-1@other.pool"), "no node of this pool"),
        (both("executeevil@lab.pool"), "no node of this pool"),
        (both("condor@lab.pool"), "no node of this pool"),
        (both("master@lab.pool"), "no node of this pool"),
        (both("invite-1@lab.pool"), "no node of this pool"),
        (both("execute-9@lab.pool"), "is revoked"),
        ({"LimitAuthorization": "ADVERTISE_STARTD,ADMINISTRATOR"}, "and no more"),
        ({"LimitAuthorization": "ADVERTISE_SCHEDD"}, "and no more"),
        ({"LimitAuthorization": ""}, "and no more"),
        ({"TokenLifetime": 1001}, "a token lives 1000 s"),
        ({"TokenLifetime": -1}, "a token lives 1000 s"),
        ({"TokenLifetime": None}, "a token lives 1000 s"),
    ],
)
def test_anything_else_is_not(changes: dict[str, Any], said: str) -> None:
    assert said in (problem(**changes) or "")


def test_a_request_without_bounds_would_be_all_powerful() -> None:
    unbounded = {key: value for key, value in GOOD.items() if key != "LimitAuthorization"}
    assert renewal_problem(unbounded, "lab", denied=set(), lifetime_s=1000)


def test_the_master_looks_now_and_then_and_approves_when_somebody_asks() -> None:
    answers, approved = ["[]", '[{"RequestId": "1"}]', "[]"], []

    def answer() -> subprocess.Popen[str]:
        program = f"print({answers.pop(0)!r})"
        return subprocess.Popen([sys.executable, "-c", program], text=True, stdout=subprocess.PIPE)

    def approve() -> subprocess.Popen[str]:
        approved.append(now)
        return subprocess.Popen([sys.executable, "-c", ""], text=True)

    approver = Approver(answer, approve)
    for now in (0.0, APPROVE_EVERY_S, 2 * APPROVE_EVERY_S):
        approver.step(now)
        assert approver._listing is not None
        approver._listing.wait()
        approver.step(now + 1)
        assert approver._listing is None
    assert approved == [APPROVE_EVERY_S]
    assert answers == []
    assert list(approver.findings(now)) == []
