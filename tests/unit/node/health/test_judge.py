"""What was seen, and what is said of it."""

from __future__ import annotations

import pytest

from roost.contract import HealthState, Role
from roost.node.health.daemons import Daemon
from roost.node.health.findings import Finding, conclude, degraded, unhealthy
from roost.node.health.intervals import BACKOFF_CEILING_S, Intervals
from roost.node.health.judge import (
    LOW_DISK_BYTES,
    backoff_s,
    duration,
    judge_daemons,
    judge_disk,
    judge_heard,
    judge_negotiator,
    judge_slots,
    number,
)

PORT = Daemon("SHARED_PORT", 11, 0.0)
SCHEDD = Daemon("SCHEDD", 12, 0.0)
NOW = 1000.0


def said(findings: object) -> list[tuple[str, str]]:
    return [(one.state.value, one.reason) for one in findings]  # type: ignore[attr-defined]


def test_daemons_that_run_are_nothing_to_tell() -> None:
    assert said(judge_daemons(Role.SUBMIT, [PORT, SCHEDD], NOW, Intervals())) == []


def test_a_daemon_that_ended_is_waited_for() -> None:
    ended = Daemon("SCHEDD", 12, 0.0, ended=NOW - 3)
    assert said(judge_daemons(Role.SUBMIT, [PORT, ended], NOW, Intervals())) == [
        ("degraded", "the SCHEDD ended 3 s ago; condor_master starts it again in about 7 s")
    ]


def test_a_daemon_that_does_not_come_back_is_missed() -> None:
    ended = Daemon("SCHEDD", 12, 0.0, ended=NOW - 60)
    assert said(judge_daemons(Role.SUBMIT, [PORT, ended], NOW, Intervals())) == [
        ("unhealthy", "the SCHEDD ended 60 s ago and was not started again")
    ]
    other = Daemon("DEFRAG", 13, 0.0, ended=NOW - 60)
    assert said(judge_daemons(Role.SUBMIT, [PORT, SCHEDD, other], NOW, Intervals())) == [
        ("degraded", "the DEFRAG ended 60 s ago and was not started again")
    ]


def test_a_daemon_that_was_never_there_is_missed() -> None:
    assert said(judge_daemons(Role.EXECUTE, [PORT], NOW, Intervals())) == [
        ("unhealthy", "the STARTD has not started")
    ]


def test_condor_master_waits_longer_from_time_to_time() -> None:
    waits = [backoff_s(restarts, Intervals()) for restarts in (0, 1, 2, 3, 4, 100)]
    assert waits == [10, 11, 13, 17, BACKOFF_CEILING_S, BACKOFF_CEILING_S]


def test_a_daemon_that_ended_often_is_missed_as_soon() -> None:
    ended = Daemon("SCHEDD", 12, 0.0, ended=NOW - 60, restarts=9)
    assert said(judge_daemons(Role.SUBMIT, [PORT, ended], NOW, Intervals())) == [
        ("unhealthy", "the SCHEDD ended 60 s ago and was not started again")
    ]
    patient = Intervals(backoff_ceiling_s=3600)
    assert said(judge_daemons(Role.SUBMIT, [PORT, ended], NOW, patient)) == [
        ("degraded", "the SCHEDD ended 60 s ago; condor_master starts it again in about 8 min")
    ]


@pytest.mark.parametrize(
    ("silent_s", "state"),
    [(5, None), (60, None), (70, "degraded"), (190, "degraded"), (200, "unhealthy")],
)
def test_the_negotiator_has_to_finish_cycles(silent_s: float, state: str | None) -> None:
    ad = {"LastNegotiationCycleEnd0": NOW - silent_s, "DaemonStartTime": 1}
    assert [one[0] for one in said(judge_negotiator([ad], NOW, 2))] == ([state] if state else [])


def test_a_negotiator_that_has_just_started_has_time() -> None:
    assert said(judge_negotiator([{"DaemonStartTime": NOW - 5}], NOW, 2)) == []
    assert said(judge_negotiator([], NOW, 2))[0][0] == "unhealthy"


@pytest.mark.parametrize(
    ("slots", "state", "words"),
    [
        ([{"State": "Unclaimed"}], None, ""),
        ([{"State": "Owner"}, {"State": "Claimed"}], None, ""),
        ([{"State": "Owner"}], "degraded", "START is false"),
        ([{"State": "Drained"}], "degraded", "drains"),
        ([{"State": "Claimed", "Draining": True}], "degraded", "drains"),
        ([{"State": "Unclaimed", "SlotBrokenReason": "no scratch"}], "degraded", "no scratch"),
        ([], "unhealthy", "no slot"),
    ],
)
def test_slots_can_start_jobs(slots: list[dict[str, object]], state: str, words: str) -> None:
    found = said(judge_slots(slots))
    assert [one[0] for one in found] == ([state] if state else [])
    assert all(words in reason for _, reason in found)


def test_a_full_disk_stops_an_executor() -> None:
    assert said(judge_disk(Role.EXECUTE, LOW_DISK_BYTES)) == []
    assert said(judge_disk(Role.EXECUTE, 5 * 1024 * 1024)) == [
        ("unhealthy", "the execute directory's disk is full (5 MB left): no job can start")
    ]
    assert said(judge_disk(Role.SUBMIT, 0))[0][0] == "degraded"


def test_an_ad_may_be_late_but_not_for_long() -> None:
    assert said(judge_heard("it", 74, 20)) == []
    assert said(judge_heard("it", 80, 20)) == [
        ("unhealthy", "the collector has not heard of it for 80 s")
    ]


def test_the_worst_decides_and_is_told_first() -> None:
    findings = [degraded("b"), unhealthy("a"), degraded("b")]
    verdict = conclude(findings)
    assert (verdict.state, verdict.reasons) == (HealthState.UNHEALTHY, ("a", "b"))
    assert conclude(findings, starting=True).state is HealthState.STARTING
    assert conclude([], starting=True).state is HealthState.HEALTHY
    assert conclude([Finding(HealthState.DEGRADED, "x")]).state is HealthState.DEGRADED


def test_what_is_no_number_is_none() -> None:
    ad = {"a": 1, "b": 2.5, "c": "3", "d": True, "e": None}
    assert [number(ad, name) for name in "abcdef"] == [1.0, 2.5, None, None, None, None]


def test_durations_are_as_exact_as_one_needs() -> None:
    assert [duration(s) for s in (3.2, 119, 600, 9000)] == ["3 s", "119 s", "10 min", "2 h"]
