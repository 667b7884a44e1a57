"""What the master knows of nodes by their ads."""

from __future__ import annotations

from typing import Any

import pytest

from roost.contract import HealthState, Role
from roost.node.health.intervals import Intervals
from roost.node.health.pool import view_nodes
from roost.node.projection import HEALTH_PROJECTION

NOW = 10_000.0
INTERVALS = Intervals()

Ad = dict[str, Any]


def ad(kind: str, node: str, **attributes: Any) -> Ad:
    named = {"MyType": kind, "Machine": f"{node}.lab.pool", "LastHeardFrom": NOW - 5}
    return {**named, "DaemonStartTime": 100, **attributes}


def master(**changes: Any) -> list[Ad]:
    daemons = {"MASTER_StartTime": 90, "COLLECTOR_StartTime": 100, "NEGOTIATOR_StartTime": 100}
    return [
        ad("DaemonMaster", "master", **{**daemons, **changes}),
        ad("Negotiator", "master", LastNegotiationCycleEnd0=NOW - 1),
    ]


def submit(**changes: Any) -> list[Ad]:
    return [
        ad("DaemonMaster", "submit", MASTER_StartTime=90, SCHEDD_StartTime=100, **changes),
        ad("Scheduler", "submit"),
    ]


def execute(**changes: Any) -> list[Ad]:
    return [
        ad("DaemonMaster", "execute-1", MASTER_StartTime=90, STARTD_StartTime=100, **changes),
        ad("Machine", "execute-1", State="Unclaimed"),
        ad("Slot", "execute-1", State="Claimed"),
    ]


def verdicts(ads: list[Ad]) -> dict[str, tuple[HealthState, tuple[str, ...]]]:
    views = view_nodes(ads, NOW, INTERVALS)
    return {node: (view.verdict.state, view.verdict.reasons) for node, view in views.items()}


def test_a_pool_without_troubles() -> None:
    views = view_nodes(
        [*master(), *submit(), *execute(), ad("Submitter", "submit")], NOW, INTERVALS
    )
    assert {node: view.role for node, view in views.items()} == {
        "master": Role.MASTER, "submit": Role.SUBMIT, "execute-1": Role.EXECUTE,
    }  # fmt: skip
    assert {view.verdict.state for view in views.values()} == {HealthState.HEALTHY}
    assert [one.name for one in views["submit"].daemons] == ["MASTER", "SCHEDD"]


@pytest.mark.parametrize(
    ("ads", "state", "words"),
    [
        (master(NEGOTIATOR_StartTime=0), "degraded", "the NEGOTIATOR is down"),
        (master()[:1], "unhealthy", "does not know a negotiator"),
        (submit(SHARED_PORT_StartTime=0), "degraded", "the SHARED_PORT is down"),
        (submit()[:1], "unhealthy", "does not know its SCHEDD"),
        (submit(LastHeardFrom=NOW - 90), "unhealthy", "not heard of this node for 90 s"),
        (
            [ad("DaemonMaster", "submit", SCHEDD_StartTime=500), submit()[1]],
            "degraded",
            "the SCHEDD was started again and is not in the collector yet",
        ),
        (
            [execute()[0], ad("Slot", "execute-1", State="Unclaimed", LastHeardFrom=NOW - 90)],
            "unhealthy",
            "not heard of its STARTD for 90 s",
        ),
        ([execute()[0], ad("Slot", "execute-1", State="Owner")], "degraded", "START is false"),
        (
            [ad("DaemonMaster", "execute-1", STARTD_StartTime=0), *execute()[1:]],
            "degraded",
            "the STARTD is down until condor_master starts it again",
        ),
    ],
)
def test_troubles_are_told(ads: list[Ad], state: str, words: str) -> None:
    ((seen, reasons),) = verdicts(ads).values()
    assert seen.value == state
    assert words in reasons[0]


def test_a_node_whose_condor_master_is_unknown_is_not_told_of() -> None:
    assert verdicts(execute()[1:]) == {}
    assert verdicts([ad("DaemonMaster", "stranger", MASTER_StartTime=1)]) == {}


def test_everything_that_is_read_is_asked_for() -> None:
    for one in [*master(), *submit(), *execute()]:
        assert set(one) <= set(HEALTH_PROJECTION)
