from __future__ import annotations

from typing import Any

import pytest

from roost.condor.jobs import JobState, check_job_id, parse_job
from roost.errors import UsageError

QUEUED: dict[str, Any] = {
    "ClusterId": 12,
    "ProcId": 3,
    "Owner": "roost",
    "JobStatus": 1,
    "QDate": 1000,
    "Cmd": "/var/lib/condor/jobs/x/prog.sh",
    "Args": "a b",
}


@pytest.mark.parametrize("text", ["12", "12.3", "7.0", " 12 "])
def test_ids(text: str) -> None:
    assert check_job_id(text) == text.strip()


@pytest.mark.parametrize(
    "text", ["", "x", "0", "-1", "1.", ".1", "1.2.3", "1,2", "012", "١٢", "1 2"]
)
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(UsageError, match="is no job"):
        check_job_id(text)


def test_a_queued_job() -> None:
    job = parse_job(QUEUED, now=1010)
    assert (job.id, job.state, job.command) == ("12.3", JobState.IDLE, "prog.sh a b")
    assert (job.started, job.ended, job.host, job.exit_code, job.reason) == (None,) * 5


def test_a_running_job_runs_until_now() -> None:
    ad = QUEUED | {"JobStatus": 2, "JobCurrentStartDate": 1004, "RemoteHost": "slot1_1@e.pool"}
    job = parse_job(ad, now=1010)
    assert (job.state, job.started, job.run_s, job.host) == (
        JobState.RUNNING,
        1004,
        6,
        "slot1_1@e.pool",
    )


def test_since_when_a_running_job_is_out_of_reach() -> None:
    running = QUEUED | {"JobStatus": 2, "JobCurrentStartDate": 1004, "ShadowBday": 1004}
    assert parse_job(running | {"JobDisconnectedDate": 1005}, now=1010).disconnected is None
    trying = running | {"JobCurrentReconnectAttempt": 1}
    assert parse_job(trying | {"JobDisconnectedDate": 1006}, now=1010).disconnected == 1006
    # The shadow of a schedd that was started anew; what the ad says of an earlier cut is past.
    later = {"ShadowBday": 1008, "JobDisconnectedDate": 1006}
    assert parse_job(trying | later, now=1010).disconnected == 1008
    found_again = {"JobCurrentReconnectAttempt": "Undefined", "JobDisconnectedDate": "Undefined"}
    assert parse_job(running | found_again, now=1010).disconnected is None
    assert parse_job(trying | {"JobStatus": 1}, now=1010).disconnected is None


def test_a_completed_job() -> None:
    ad = QUEUED | {
        "JobStatus": 4,
        "JobStartDate": 1004,
        "CompletionDate": 1007,
        "RemoteWallClockTime": 3.0,
        "LastRemoteHost": "slot1_1@e.pool",
        "ExitCode": 7,
        "ExitBySignal": False,
        "JobDescription": "sh -c 'exit 7'",
    }
    job = parse_job(ad, now=2000)
    assert (job.state, job.ended, job.run_s) == (JobState.COMPLETED, 1007, 3)
    assert (job.exit_code, job.host, job.command) == (7, "slot1_1@e.pool", "sh -c 'exit 7'")


def test_the_end_by_a_signal() -> None:
    ad = QUEUED | {"JobStatus": 4, "ExitBySignal": True, "ExitSignal": 9}
    assert parse_job(ad, now=0).exit_code == 137


def test_why_a_job_is_on_hold_or_was_removed() -> None:
    reasons = {"HoldReason": "no such file", "RemoveReason": "via condor_rm"}
    assert parse_job(QUEUED | reasons | {"JobStatus": 5}, now=0).reason == "no such file"
    removed = parse_job(QUEUED | reasons | {"JobStatus": 3, "EnteredCurrentStatus": 1005}, now=0)
    assert (removed.reason, removed.ended) == ("via condor_rm", 1005)
