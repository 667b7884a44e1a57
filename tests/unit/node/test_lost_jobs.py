"""Which jobs ended with their executor, and what is done about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from roost.node.lostjobs import AGAIN_S, EVERY_S, LostJobs, find_lost, find_shadows

JOB: dict[str, Any] = {
    "ClusterId": 4,
    "ProcId": 1,
    "RemoteHost": "slot1_2@execute-1.lab.pool",
    "PublicClaimId": "<10.0.0.5:9618?addrs=10.0.0.5-9618&sock=startd_9_ab>#1000#3#...",
}


def startd(started: int, machine: str = "execute-1.lab.pool") -> dict[str, Any]:
    return {"Machine": machine, "DaemonStartTime": started}


@pytest.mark.parametrize(
    ("startds", "lost"),
    [
        ([startd(1001)], {"4.1": "execute-1.lab.pool"}),
        ([startd(999)], {}),
        ([startd(1000)], {}),
        ([startd(999), startd(2000)], {"4.1": "execute-1.lab.pool"}),
        ([startd(2000, "execute-2.lab.pool")], {}),
        ([], {}),
    ],
)
def test_a_claim_is_as_old_as_its_startd(
    startds: list[dict[str, Any]], lost: dict[str, str]
) -> None:
    assert find_lost([JOB], startds) == lost


def test_a_job_without_a_claim_is_left_alone() -> None:
    assert find_lost([{"ClusterId": 4, "ProcId": 1}], [startd(2000)]) == {}


def test_each_is_sent_back_once_and_again_where_that_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sent: list[list[str]] = []

    def give_up(jobs: Iterable[str]) -> None:
        sent.append(list(jobs))

    lost = LostJobs(lambda: [JOB], lambda: [startd(2000)], give_up)
    lost.step(0.0)
    lost.step(EVERY_S - 1)
    lost.step(EVERY_S)
    assert sent == [["4.1"]]
    assert "execute-1.lab.pool was started anew" in capsys.readouterr().out
    lost.step(AGAIN_S)
    assert sent == [["4.1"]] * 2


def test_the_collector_is_asked_only_where_jobs_are_out_of_reach() -> None:
    def startds() -> Iterable[dict[str, Any]]:
        raise AssertionError

    LostJobs(list, startds, lambda _jobs: None).step(0.0)


def test_a_shadow_has_the_job_that_it_wrote_of_last() -> None:
    log = """\
11/28/26 15:19:01 (1.0) (20): Job disconnected
11/28/26 15:19:02 (1.0) (99): The shadow of a schedd that is gone
11/28/26 15:19:08 (1.29) (97): Job 1.29 terminated: exited with status 0
11/28/26 15:19:08 (1.0) (20): Trying to reconnect to disconnected job
11/28/26 15:19:08 (1.29) (97): Switching to new job 1.2
11/28/26 15:19:09 (1.2) (97): Attempting to locate disconnected starter
"""
    assert find_shadows(log) == {"1.2": 97, "1.0": 20}


def test_what_a_user_wrote_says_nothing_of_another_shadow() -> None:
    header = "2026-11-28T15:19:08.123 (pid:20) (D_ALWAYS) (1.0) (20): "
    log = f"""\
{header}Trying to reconnect to disconnected job
{header.replace("20)", "97)").replace("1.0", "1.2")}Started
{header}Job 1.0 going into Hold state (code 3,0): see (1.0) (97): gone
{header}a second line of it:
(1.0) (97): gone
 {header.replace("(20)", "(97)")}gone
"""
    assert find_shadows(log) == {"1.2": 97, "1.0": 20}
    failure = "2026-11-28T15:19:09.001 (pid:98) (D_ERROR) (7.0) (98): Failed\n"
    audit = "2026-11-28T15:19:09.001 (pid:99) (D_AUDIT:2|D_FAILURE) (8.0) (99): Failed\n"
    assert find_shadows(failure + audit) == {"7.0": 98, "8.0": 99}
