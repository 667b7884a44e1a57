"""From what roost-node tells of a run to its result."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from roost.engines.protocol import StreamName
from roost.errors import ExitCode, JobError, JobHeldError, JobRemovedError
from roost.events import Phase, Recorder, silent
from roost.pool.jobs.results import RunRecord, RunResult

TO = Path("/to")


def output(process: int, stream: str, data: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode()
    return {"kind": "output", "process": process, "stream": stream, "data": encoded}


def started(process: int, host: str = "slot1_1@e") -> dict[str, Any]:
    return {"kind": "started", "process": process, "host": host}


def ended(process: int, **how: int) -> dict[str, Any]:
    return {"kind": "ended", "process": process, **how}


def record_of(*frames: dict[str, Any], count: int = 1) -> RunRecord:
    record = RunRecord(count, None, silent)
    record.take({"kind": "submitted", "cluster": 12, "count": count})
    for frame in frames:
        record.take(frame)
    return record


def result_of(*frames: dict[str, Any], count: int = 1) -> RunResult:
    return record_of(*frames, count=count).result([], TO, set())


def test_a_command_that_ends() -> None:
    frames = [started(0), output(0, "stdout", b"4"), output(0, "stderr", b"!")]
    result = result_of(*frames, output(0, "stdout", b"2\n"), ended(0, code=0))
    assert (result.cluster, result.exit_code) == (12, 0)
    assert (result.stdout, result.stderr) == ("42\n", "!")
    assert result.processes[0].host == "slot1_1@e"


def test_a_signal_is_a_code_as_in_a_shell() -> None:
    assert result_of(ended(0, signal=9)).exit_code == 137


def test_several_processes_in_their_order() -> None:
    frames = [output(1, "stdout", b"b"), output(0, "stdout", b"a")]
    frames += [ended(1, code=0), ended(0, code=3), ended(2, signal=15)]
    result = result_of(*frames, count=3)
    assert result.stdout == "ab"
    assert [one.exit_code for one in result.processes] == [3, 0, 143]
    assert result.exit_code == 143


def test_a_handler_takes_the_output_as_it_comes() -> None:
    taken: list[tuple[StreamName, int, bytes]] = []
    record = RunRecord(2, lambda *piece: taken.append(piece), silent)
    record.take({"kind": "submitted", "cluster": 1, "count": 2})
    for frame in (output(1, "stderr", b"x"), ended(0, code=0), ended(1, code=0)):
        record.take(frame)
    assert taken == [(StreamName.STDERR, 1, b"x")]
    assert record.result([], TO, set()).processes[1].stderr == b""


def test_what_was_written_before_a_new_start_is_forgotten() -> None:
    told = Recorder()
    record = RunRecord(1, None, told)
    record.take({"kind": "submitted", "cluster": 12, "count": 1})
    record.take(output(0, "stdout", b"half"))
    record.take({"kind": "requeued", "process": 0, "reason": "evicted"})
    record.take(output(0, "stdout", b"whole"))
    record.take(ended(0, code=0))
    assert record.result([], TO, set()).stdout == "whole"
    notes = [event.detail for event in told.events if event.phase is Phase.NOTE]
    assert notes == ["job 12.0 will start again: evicted"]


def test_a_job_on_hold() -> None:
    held = {"kind": "held", "process": 1, "reason": "no such disk", "code": 12}
    record = record_of(ended(0, code=0), held, count=2)
    with pytest.raises(JobHeldError, match=r"job 12\.1 was put on hold: no such disk") as caught:
        record.result([], TO, set())
    assert caught.value.exit_code is ExitCode.JOB_HELD


def test_a_job_that_was_removed() -> None:
    record = record_of({"kind": "removed", "process": 0, "reason": "via condor_rm"})
    with pytest.raises(JobRemovedError, match=r"12\.0 was removed: via condor_rm") as caught:
        record.result([], TO, set())
    assert caught.value.exit_code is ExitCode.JOB_REMOVED


def test_htcondors_own_words_when_it_refuses() -> None:
    record = RunRecord(1, None, silent)
    with pytest.raises(JobError, match="disk full"):
        record.take({"kind": "refused", "message": "ERROR: disk full"})


def test_a_job_that_nobody_saw_end() -> None:
    with pytest.raises(JobError, match=r"lost sight of job 12\.0"):
        record_of(started(0)).result([], TO, set())


def test_outputs_that_came_back() -> None:
    record = record_of(ended(0, code=0), ended(1, code=0), count=2)
    result = record.result(["o.$(Process)"], TO, {"o.0", "o.1", "other"})
    assert result.outputs == (TO / "o.0", TO / "o.1")


def test_an_output_that_a_good_command_did_not_make() -> None:
    with pytest.raises(JobError, match=r"job 12\.0 ended with 0 and did not make b"):
        record_of(ended(0, code=0)).result(["a", "b"], TO, {"a"})


def test_a_failed_command_need_not_make_its_outputs() -> None:
    told = Recorder()
    record = RunRecord(1, None, told)
    record.take({"kind": "submitted", "cluster": 12, "count": 1})
    record.take(ended(0, code=3))
    result = record.result(["a", "b"], TO, {"a"})
    assert (result.exit_code, result.outputs) == (3, (TO / "a",))
    assert told.events[-1].detail == "job 12.0 ended with 3 and did not make b"


def test_progress() -> None:
    told = Recorder()
    record = RunRecord(2, None, told)
    for frame in (started(0), ended(0, code=0), started(1)):
        record.take(frame)
    details = [(event.detail, event.fraction) for event in told.events]
    assert details == [
        ("0 of 2 done, 1 running", 0),
        ("1 of 2 done, 0 running", 0.5),
        ("1 of 2 done, 1 running", 0.5),
    ]
