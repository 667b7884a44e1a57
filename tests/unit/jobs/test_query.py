from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from roost.condor.jobs import JobState
from roost.errors import (
    EngineError,
    EngineUnavailableError,
    JobHeldError,
    NotFoundError,
    RoostError,
    UsageError,
    WaitTimeoutError,
)
from roost.pool.jobs import query
from roost.pool.jobs.query import JobCounts, list_jobs, wait_jobs
from tests.unit.jobs.conftest import POOL, Node, json_lines


def ad(process: int, status: int, **values: Any) -> dict[str, Any]:
    return {"ClusterId": 3, "ProcId": process, "JobStatus": status, "Cmd": "/bin/x", **values}


def counts(**values: int) -> dict[str, int]:
    return {"idle": 0, "running": 0, "held": 0, "done": 0, "total": 2, **values}


def test_jobs_in_the_queue_and_out_of_it(node: Node) -> None:
    found = {"queue": [ad(2, 2), ad(1, 1)], "history": [ad(0, 4, ExitCode=0), ad(1, 4)]}
    node.answers["job-list"] = json.dumps(found).encode()
    jobs = list_jobs(node.engine, POOL, history=9)
    assert [(job.id, job.state) for job in jobs] == [
        ("3.0", JobState.COMPLETED),
        ("3.1", JobState.IDLE),
        ("3.2", JobState.RUNNING),
    ]
    assert node.asked == [["job-list", "9"]]


@pytest.mark.parametrize(("history", "asked"), [(0, "0"), (300, "300"), (None, "-1")])
def test_so_much_of_the_history_as_is_wanted(node: Node, history: int | None, asked: str) -> None:
    ended = [ad(number, 4) for number in reversed(range(300))]
    node.answers["job-list"] = json.dumps({"queue": [], "history": ended}).encode()
    assert len(list_jobs(node.engine, POOL, history=history)) == 300
    assert node.asked == [["job-list", asked]]


def test_waiting_tells_every_change(node: Node) -> None:
    ended = [ad(1, 4, ExitCode=1), ad(0, 4, ExitCode=0)]
    rounds = [
        json_lines(counts(idle=2), counts(running=1, idle=1)),
        json_lines(counts(running=1, idle=1), counts(done=2), {"ended": ended}),
    ]
    node.answers["job-wait"] = lambda _arguments: rounds.pop(0)
    told: list[JobCounts] = []
    jobs = wait_jobs(node.engine, POOL, ["3", "3.1"], on_progress=told.append)
    assert [job.exit_code for job in jobs] == [0, 1]
    assert [(one.idle, one.running, one.done) for one in told] == [(2, 0, 0), (1, 1, 0), (0, 0, 2)]
    assert [asked[2:] for asked in node.asked] == [["3", "3.1"]] * 2


def test_nothing_left_but_jobs_on_hold(node: Node) -> None:
    held = [ad(0, 4), ad(1, 5, HoldReason="disk full"), ad(2, 5, HoldReason="other")]
    node.answers["job-wait"] = json_lines({"ended": held})
    with pytest.raises(JobHeldError) as caught:
        wait_jobs(node.engine, POOL, ["3"])
    assert caught.value.message == ("job 3.1 was put on hold: disk full (and 1 more are on hold)")
    assert f"roost rm 3 --pool {POOL}" in str(caught.value.hint)


def test_waiting_too_long(node: Node) -> None:
    node.answers["job-wait"] = json_lines(counts(running=2))
    with pytest.raises(WaitTimeoutError) as caught:
        wait_jobs(node.engine, POOL, ["3"], timeout_s=0)
    assert caught.value.last_seen == "0 idle, 2 running, 0 held, 0 done of 2"


@pytest.mark.parametrize(
    "error",
    [
        EngineError("running roost-node: the container is restarting"),
        NotFoundError("no such container"),
        RoostError("`roost-node job-wait` failed: exit code 137"),
    ],
)
def test_a_submit_node_that_is_away_for_a_while_is_waited_for(
    node: Node, monkeypatch: pytest.MonkeyPatch, error: RoostError
) -> None:
    def answer(_arguments: Sequence[str]) -> bytes:
        if len(node.asked) == 2:
            raise error
        ended = {"ended": [ad(0, 4, ExitCode=0)]} if len(node.asked) == 3 else counts(idle=2)
        return json_lines(ended)

    monkeypatch.setattr(query, "_PAUSE_S", 0.0)
    node.answers["job-wait"] = answer
    assert [job.exit_code for job in wait_jobs(node.engine, POOL, ["3"])] == [0]


def test_a_submit_node_that_stays_away_is_not(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(query, "_PAUSE_S", 0.001)
    node.answers["job-wait"] = EngineError("it is restarting")
    with pytest.raises(EngineError, match="restarting"):
        wait_jobs(node.engine, POOL, ["3"])


def test_a_pool_that_is_gone_is_not_waited_for(node: Node) -> None:
    def answer(_arguments: Sequence[str]) -> bytes:
        node.engine.remove_container(f"{POOL}-submit")
        raise EngineError("its container ended meanwhile")

    node.answers["job-wait"] = answer
    with pytest.raises(NotFoundError, match=f"there is no pool '{POOL}'"):
        wait_jobs(node.engine, POOL, ["3"])


def test_an_engine_that_is_gone_is_not_waited_for(node: Node) -> None:
    node.answers["job-wait"] = EngineUnavailableError("it broke off")
    with pytest.raises(EngineUnavailableError):
        wait_jobs(node.engine, POOL, ["3"])
    assert len(node.asked) == 1


def test_waiting_for_a_node_that_is_away_ends_with_its_time_too(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "_PAUSE_S", 0.01)
    node.answers["job-wait"] = EngineError("it is restarting")
    with pytest.raises(WaitTimeoutError, match=r"not done after 0\.05 s; last seen: nothing"):
        wait_jobs(node.engine, POOL, ["3"], timeout_s=0.05)


@pytest.mark.parametrize(("known", "hint"), [(["3", "4"], "it has 3, 4"), ([], "it has none")])
def test_jobs_that_are_not_there(node: Node, known: list[str], hint: str) -> None:
    node.answers["job-wait"] = json_lines({"unknown": ["8", "9.1"], "known": known})
    with pytest.raises(NotFoundError, match=r"has no job 8, 9\.1") as caught:
        wait_jobs(node.engine, POOL, ["8", "9.1"])
    assert caught.value.hint == hint


@pytest.mark.parametrize("ids", [[], ["x"], ["1", "2.y"]])
def test_what_are_no_jobs(node: Node, ids: list[str]) -> None:
    with pytest.raises(UsageError):
        wait_jobs(node.engine, POOL, ids)
    assert node.commands == []
