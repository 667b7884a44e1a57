"""Following a cluster by its event log and the files that its processes write."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from roost.node.jobs.follow import Follower
from roost.node.jobs.frames import Teller


class Event(dict[str, Any]):
    """An event as HTCondor's reader gives it."""

    def __init__(self, kind: str, process: int = 0, **values: Any) -> None:
        super().__init__(values)
        self.type = SimpleNamespace(name=kind)
        self.proc = process


class Log:
    """An event log that grows by one step each time it is looked at; a step may also write files."""

    def __init__(self, *steps: Event | Callable[[], object]) -> None:
        self._steps = iter(steps)

    def events(self, stop_after: int) -> Iterator[Event]:
        assert stop_after == 0
        step = next(self._steps)
        if isinstance(step, Event):
            yield step
        else:
            step()


def follow(directory: Path, log: Log, count: int = 1) -> list[dict[str, Any]]:
    """What is told, with the output decoded."""
    told = io.BytesIO()
    Follower(directory, count, Teller(told)).follow(log)
    frames = [json.loads(line) for line in told.getvalue().splitlines()]
    for frame in frames:
        if "data" in frame:
            frame["data"] = base64.b64decode(frame["data"])
    return frames


def out(data: bytes, process: int = 0, stream: str = "stdout") -> dict[str, Any]:
    return {"kind": "output", "process": process, "stream": stream, "data": data}


def ended(**how: Any) -> Event:
    return Event("JOB_TERMINATED", TerminatedNormally="ReturnValue" in how, **how)


def test_output_is_told_as_it_comes_and_the_end_after_it(tmp_path: Path) -> None:
    stdout = tmp_path / "stdout.0"
    log = Log(
        Event("SUBMIT"),
        Event("EXECUTE", SlotName="slot1@e"),
        lambda: stdout.write_bytes(b"one"),
        lambda: stdout.open("ab").write(b"two"),
        lambda: (tmp_path / "stderr.0").write_bytes(b"late"),
        ended(ReturnValue=7),
    )
    assert follow(tmp_path, log) == [
        {"kind": "started", "process": 0, "host": "slot1@e"},
        out(b"one"),
        out(b"two"),
        out(b"late", stream="stderr"),
        {"kind": "ended", "process": 0, "code": 7},
    ]


def test_what_came_with_the_end_is_told_before_it(tmp_path: Path) -> None:
    (tmp_path / "stdout.0").write_bytes(b"x" * 600_000)
    frames = follow(tmp_path, Log(Event("EXECUTE"), ended(TerminatedBySignal=9)))
    assert b"".join(frame.get("data", b"") for frame in frames) == b"x" * 600_000
    assert frames[-1] == {"kind": "ended", "process": 0, "signal": 9}


def test_an_evicted_process_starts_anew(tmp_path: Path) -> None:
    stdout = tmp_path / "stdout.0"
    log = Log(
        Event("EXECUTE"),
        lambda: stdout.write_bytes(b"half"),
        Event("SHADOW_EXCEPTION", Message="gone"),
        Event("JOB_EVICTED", Reason="also"),
        Event("EXECUTE"),
        lambda: stdout.write_bytes(b"whole"),
        ended(ReturnValue=0),
    )
    told = [frame for frame in follow(tmp_path, log) if frame["kind"] != "started"]
    assert told == [
        out(b"half"),
        {"kind": "requeued", "process": 0, "reason": "gone"},
        out(b"whole"),
        {"kind": "ended", "process": 0, "code": 0},
    ]


def test_a_process_on_hold_and_one_that_was_removed(tmp_path: Path) -> None:
    log = Log(
        Event("JOB_HELD", 1, HoldReason="why", HoldReasonCode=12),
        Event("JOB_ABORTED", 1, Reason="not told any more"),
        Event("JOB_ABORTED", 0, Reason="via condor_rm"),
    )
    assert follow(tmp_path, log, count=2) == [
        {"kind": "held", "process": 1, "reason": "why", "code": 12},
        {"kind": "removed", "process": 0, "reason": "via condor_rm"},
    ]


def test_events_of_the_cluster_are_of_no_process(tmp_path: Path) -> None:
    frames = follow(tmp_path, Log(Event("CLUSTER_SUBMIT", -1), ended(ReturnValue=0)))
    assert [frame["kind"] for frame in frames] == ["ended"]
