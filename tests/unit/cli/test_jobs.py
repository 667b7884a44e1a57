"""Commands that deal in submissions, on a pool whose answers are known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roost.condor.jobs import JobInfo, JobState
from roost.errors import JobHeldError
from roost.pool import Pool
from roost.pool.jobs.fetch import FetchResult
from roost.pool.jobs.query import JobCounts
from roost.pool.jobs.remove import RemoveResult
from roost.pool.jobs.submit import Submission
from tests.unit.cli.conftest import Roost


def job(process: int, state: JobState = JobState.COMPLETED, **facts: Any) -> JobInfo:
    known: dict[str, Any] = {
        "cluster": 12,
        "process": process,
        "owner": "roost",
        "state": state,
        "command": "python3  fit.py",
        "submitted": 100.0,
        "started": 101.0,
        "ended": None,
        "run_s": 65.0,
        "host": "slot1_1@execute-1.lab.pool",
        "exit_code": None,
        "reason": None,
        "disconnected": None,
    }
    return JobInfo(**{**known, **facts})


class Work:
    """What a pool says of its jobs, and what it was asked."""

    def __init__(self) -> None:
        self.known: list[JobInfo] = [job(0, exit_code=0)]
        self.asked: list[tuple[Any, ...]] = []
        self.error: Exception | None = None

    def jobs(self, *, history: int | None) -> list[JobInfo]:
        """Of those that ended, the latest ``history``."""
        self.asked.append(("jobs", history))
        over = [one for one in self.known if one.state is JobState.COMPLETED]
        left_out = [] if history is None else over[: len(over) - history]
        return [one for one in self.known if one not in left_out]

    def submit(self, _pool: Pool, path: Path) -> Submission:
        self.asked.append(("submit", str(path)))
        return Submission((12, 13), 3)

    def wait(
        self,
        _pool: Pool,
        *ids: str,
        timeout_s: float | None,
        on_progress: Callable[[JobCounts], None],
    ) -> list[JobInfo]:
        self.asked.append(("wait", *ids, timeout_s))
        on_progress(JobCounts(1, 1, 0, 0, 2))
        if self.error:
            raise self.error
        return self.known

    def fetch(self, _pool: Pool, one: str, *, to: Path | None = None) -> FetchResult:
        self.asked.append(("fetch", one, to))
        return FetchResult(Path("/here"), (Path("/here", f"out.{one}"),))

    def rm(self, _pool: Pool, *ids: str, purge: bool) -> RemoveResult:
        self.asked.append(("rm", *ids, purge))
        return RemoveResult(("12.0", "12.1"), {} if purge else {"12": ("out.1",)})


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    work = Work()
    for name in ("submit", "wait", "fetch", "rm"):
        method = getattr(work, name)

        def answer(self: Pool, *args: Any, _method: Any = method, **kwargs: Any) -> Any:
            return _method(self, *args, **kwargs)

        monkeypatch.setattr(Pool, name, answer)
    monkeypatch.setattr(Pool, "jobs", work.jobs)
    return work


def test_submit_says_what_comes_next(roost: Roost, work: Work) -> None:
    result = roost("submit", "--pool", "lab", "a.sub")
    assert result.stdout == "Submitted 3 jobs as 12 13.\n"
    assert "roost wait --pool lab 12 13 && roost fetch --pool lab 12 13" in result.stderr
    told = json.loads(roost("submit", "a.sub", "--json").stdout)
    assert told == {"clusters": [12, 13], "jobs": 3}
    assert work.asked == [("submit", "a.sub")] * 2


def test_submit_and_wait_brings_everything_back(roost: Roost, work: Work) -> None:
    result = roost("submit", "--wait", "a.sub")
    assert (result.exit_code, result.stdout) == (0, "1 job ended, 2 files came back.\n")
    assert work.asked[1:] == [
        ("wait", "12", "13", None),
        ("fetch", "12", None),
        ("fetch", "13", None),
    ]
    told = json.loads(roost("submit", "--wait", "a.sub", "--json").stdout)
    assert told["files"] == ["/here/out.12", "/here/out.13"]
    assert told["jobs"][0]["id"] == "12.0"


def test_an_interrupted_wait_leaves_the_jobs(roost: Roost, work: Work) -> None:
    work.error = KeyboardInterrupt()  # type: ignore[assignment]
    result = roost("submit", "--wait", "a.sub")
    assert result.exit_code == 130
    assert "the jobs go on; `roost wait 12 13` waits for them" in result.stderr


def test_wait_tells_which_jobs_failed(roost: Roost, work: Work) -> None:
    work.known = [
        job(0, exit_code=0),
        job(1, exit_code=7),
        job(2, JobState.REMOVED, reason="via condor_rm"),
    ]
    result = roost("wait", "12", "13.1", "--timeout", "60")
    assert result.exit_code == 1
    assert "job 12.1 ended with 7\njob 12.2 is removed: via condor_rm\n" in result.stderr
    assert work.asked == [("wait", "12", "13.1", 60.0)]
    assert [one["exit_code"] for one in json.loads(roost("wait", "12", "--json").stdout)] == [
        0,
        7,
        None,
    ]


def test_wait_for_very_many_failures_names_some(roost: Roost, work: Work) -> None:
    work.known = [job(number, exit_code=1) for number in range(12)]
    result = roost("wait", "12")
    assert "job 12.9 ended with 1\nand 2 more failed\n" in result.stderr


def test_wait_for_held_jobs_ends(roost: Roost, work: Work) -> None:
    work.error = JobHeldError("job 12.0 was put on hold: no such file", hint="mend it")
    result = roost("wait", "12")
    assert result.exit_code == 122
    assert result.stderr.endswith("Error: job 12.0 was put on hold: no such file\nHint: mend it\n")


def test_fetch_names_the_files(roost: Roost, work: Work) -> None:
    result = roost("fetch", "12", "13", "--to", "results")
    assert result.stdout == "/here/out.12\n/here/out.13\n"
    assert result.stderr == "2 files came back.\n"
    assert work.asked == [("fetch", "12", Path("results")), ("fetch", "13", Path("results"))]
    assert json.loads(roost("fetch", "12", "--json").stdout) == ["/here/out.12"]


def test_rm_tells_of_results_that_stay(roost: Roost, work: Work) -> None:
    result = roost("rm", "12", "13.1")
    assert result.stdout == "Removed 2 jobs.\n"
    assert "12 has 1 result that nobody fetched" in result.stderr
    assert "`roost rm --purge 12` deletes them" in result.stderr
    assert roost("rm", "--purge", "12").stderr == ""
    assert work.asked == [("rm", "12", "13.1", False), ("rm", "12", True)]


def test_jobs_in_a_table(roost: Roost, work: Work) -> None:
    work.known = [job(0, exit_code=0), job(1, JobState.HELD, host=None, reason="no such file")]
    result = roost("jobs")
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["ID", "STATE", "SUBMITTED", "RAN", "NODE", "CODE", "COMMAND"]
    assert rows[1][:2] == ["12.0", "completed"]
    assert rows[1][-5:] == ["0:01:05", "execute-1", "0", "python3", "fit.py"]
    assert rows[2][:2] == ["12.1", "held"]
    assert result.stderr == "job 12.1 is on hold: no such file\n"


def test_jobs_of_long_ago_are_left_out(roost: Roost, work: Work) -> None:
    work.known = [*(job(number) for number in range(25)), job(25, JobState.IDLE)]
    result = roost("jobs")
    assert len(result.stdout.splitlines()) == 1 + 21
    assert result.stderr == "5 jobs that ended earlier: roost jobs --all\n"
    assert len(json.loads(roost("jobs", "--all", "--json").stdout)) == 26
    assert [one["id"] for one in json.loads(roost("jobs", "-q", "--json").stdout)] == ["12.25"]


def test_all_is_as_far_as_htcondor_remembers(roost: Roost, work: Work) -> None:
    work.known = [*(job(number) for number in range(300)), job(300, JobState.IDLE)]
    result = roost("jobs", "--all")
    assert len(result.stdout.splitlines()) == 1 + 301
    assert result.stderr == ""
    assert len(json.loads(roost("jobs", "--all", "--json").stdout)) == 301
    assert work.asked == [("jobs", None)] * 2


def test_what_is_left_out_is_said_beside_json_too(roost: Roost, work: Work) -> None:
    work.known = [job(number) for number in range(25)]
    result = roost("jobs", "--json")
    assert len(json.loads(result.stdout)) == 20
    assert result.stderr == "5 jobs that ended earlier: roost jobs --all\n"
    work.known = [job(number) for number in range(300)]
    for arguments in (["jobs"], ["jobs", "--json"]):
        assert roost(*arguments).stderr == (
            "80 jobs or more that ended earlier: roost jobs --all\n"
        )


def test_the_queue_alone_asks_for_no_history(roost: Roost, work: Work) -> None:
    work.known = [job(0), job(1, JobState.IDLE)]
    result = roost("jobs", "--queue", "--json")
    assert [one["id"] for one in json.loads(result.stdout)] == ["12.1"]
    assert (result.stderr, work.asked) == ("", [("jobs", 0)])
    refused = roost("jobs", "--queue", "--all")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--queue leaves out the jobs that --all adds" in refused.stderr
    assert work.asked == [("jobs", 0)]


def test_no_jobs_is_said(roost: Roost, work: Work) -> None:
    work.known = []
    assert (roost("jobs").stdout, roost("jobs").stderr) == ("", "There is no job.\n")
    assert roost("jobs", "--json").stdout == "[]\n"


@pytest.mark.parametrize("command", ["wait", "fetch", "rm"])
def test_jobs_have_to_be_named(roost: Roost, command: str) -> None:
    result = roost(command)
    assert result.exit_code == 2
    assert "ID..." in result.stderr
