from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from roost import contract
from roost.engines.protocol import ContainerState
from roost.errors import EngineError, JobError, NotFoundError, RoostError, UsageError
from roost.events import Phase, Recorder
from roost.pool.jobs.run import run_command
from tests.unit.jobs.conftest import POOL, Node, json_lines, tar_bytes

DONE = json_lines(
    {"kind": "submitted", "cluster": 5, "count": 1},
    {"kind": "output", "process": 0, "stream": "stdout", "data": "NDIK"},
    {"kind": "ended", "process": 0, "code": 0},
)
FILES = json_lines({"kind": "files"})
KEPT = json_lines({"left_out": []})
SLOTS = [{"name": "slot1@e", "cpus": 2, "memory_mb": 1024, "disk_mb": 9000}]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in ("in.0", "in.1", "tool"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_a_command(node: Node, here: Path) -> None:
    node.answers["job-run"] = DONE
    result = run_command(node.engine, POOL, ["echo", "42"], cwd=here)
    assert (result.stdout, result.exit_code, result.cluster) == ("42\n", 0, 5)
    assert node.commands == ["job-run"]
    assert node.asked[0][2] == "0"
    assert {"job.sub", ".roost-job.json", ".roost-run"} < set(node.files)
    note = node.files["submission.json"].data
    assert isinstance(note, bytes)
    assert json.loads(note)["cwd"] == str(here)


def test_outputs_come_back_and_the_submission_goes(node: Node, here: Path) -> None:
    node.answers["job-run"] = DONE + FILES + tar_bytes({"res/out": b"result"})
    result = run_command(node.engine, POOL, ["x"], outputs=["res/out"], cwd=here)
    assert result.outputs == (here / "res/out",)
    assert (here / "res/out").read_bytes() == b"result"
    assert node.commands == ["job-run", "job-clean"]
    assert node.asked[0][1:] == [node.asked[1][1], "1"]


def test_an_executor_that_brings_back_more_than_was_asked_for(node: Node, here: Path) -> None:
    told = Recorder()
    frames = [{"kind": "submitted", "cluster": 5, "count": 2}]
    frames += [{"kind": "ended", "process": number, "code": 0} for number in (0, 1)]
    made = {".bashrc": b"evil", "out/0.5": b"0", "out/1.5": b"1", "out/2.5": b"evil"}
    node.answers["job-run"] = json_lines(*frames) + FILES + tar_bytes(made)
    outputs = ["out/$(Process).$(Cluster)"]
    result = run_command(node.engine, POOL, ["x"], count=2, outputs=outputs, cwd=here, report=told)
    assert result.outputs == (here / "out/0.5", here / "out/1.5")
    assert sorted(path.name for path in (here / "out").iterdir()) == ["0.5", "1.5"]
    assert not (here / ".bashrc").exists()
    assert [event.detail for event in told.events if event.phase is Phase.NOTE] == [
        ".bashrc: no output of that name was asked for",
        "out/2.5: no output of that name was asked for",
    ]


def test_inputs_go_where_their_process_finds_them(node: Node, here: Path) -> None:
    frames = [{"kind": "submitted", "cluster": 5, "count": 2}]
    frames += [{"kind": "ended", "process": number, "code": 0} for number in (0, 1)]
    node.answers["job-run"] = json_lines(*frames)
    run_command(node.engine, POOL, ["./tool"], count=2, inputs=[Path("in.$(Process)")], cwd=here)
    data = {path: file.data for path, file in node.files.items() if "/" in path}
    assert data == {"own.0/in.0": b"in.0", "own.1/in.1": b"in.1", "shared/tool": b"tool"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"inputs": ["nope"]},
        {"outputs": ["../x"]},
        {"outputs": ["x"], "count": 2},
        {"count": 0},
        {"count": 20001},
        {"cpus": 0},
        {"memory": "much"},
        {"disk": "0"},
        {"environment": {"A-B": "x"}},
        {"environment": {"A": "\0"}},
        {"argv": ["./nope"]},
        {"argv": []},
    ],
)
def test_bad_input_is_refused_before_anything_is_done(
    node: Node, here: Path, wrong: dict[str, Any]
) -> None:
    calls = len(node.engine.calls)
    arguments: dict[str, Any] = {"argv": ["true"], "cwd": here, **wrong}
    with pytest.raises(UsageError):
        run_command(node.engine, POOL, **arguments)
    assert len(node.engine.calls) == calls


def test_a_job_that_no_slot_can_hold(node: Node, here: Path) -> None:
    node.answers["job-slots"] = json.dumps(SLOTS).encode()
    with pytest.raises(UsageError) as caught:
        run_command(node.engine, POOL, ["true"], cpus=64, cwd=here)
    assert "it asks for 64 CPUs; the biggest, slot1@e, has 2 CPUs" in caught.value.message
    assert node.commands == ["job-slots", "job-clean"]


def test_htcondor_refuses(node: Node, here: Path) -> None:
    node.answers["job-run"] = json_lines({"kind": "refused", "message": "ERROR: nope"})
    with pytest.raises(JobError, match="ERROR: nope"):
        run_command(node.engine, POOL, ["true"], cwd=here)
    assert node.commands[-1] == "job-clean"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), EngineError("gone")])
def test_whatever_ends_it_the_job_is_removed(
    node: Node, here: Path, interruption: BaseException
) -> None:
    def interrupt(_stream: object, _process: int, _data: bytes) -> None:
        raise interruption

    node.answers["job-run"] = DONE
    with pytest.raises(type(interruption)):
        run_command(node.engine, POOL, ["x"], on_output=interrupt, cwd=here)
    assert node.commands == ["job-run", "job-clean"]


def test_what_went_wrong_first_is_told_also_when_cleaning_fails(node: Node, here: Path) -> None:
    told = Recorder()
    node.answers |= {"job-run": EngineError("the node stopped"), "job-clean": EngineError("gone")}
    with pytest.raises(EngineError, match="the node stopped"):
        run_command(node.engine, POOL, ["x"], cwd=here, report=told)
    notes = [event.detail for event in told.events if event.phase is Phase.NOTE]
    assert len(notes) == 1
    assert notes[0].endswith("may still be in the pool: gone")


def in_the_way(here: Path) -> Callable[[object, int, bytes], None]:
    """Something comes up while the job runs, which keeps its result from being written."""

    def take_output(_stream: object, _process: int, _data: bytes) -> None:
        (here / "res").write_text("in the way")

    return take_output


def test_results_that_cannot_be_written_stay_in_the_pool(node: Node, here: Path) -> None:
    node.answers["job-run"] = DONE + FILES + tar_bytes({"res/out": b"result"})
    node.answers["job-keep"] = KEPT
    with pytest.raises(RoostError, match="cannot write below") as caught:
        run_command(
            node.engine, POOL, ["x"], outputs=["res/out"], cwd=here, on_output=in_the_way(here)
        )
    assert "`roost fetch 5 --pool pool` brings them" in str(caught.value.hint)
    assert node.commands == ["job-run", "job-keep"]
    _, run, submission, cluster = node.asked[1]
    assert (run, cluster) == (node.asked[0][1], "5")
    assert submission != run, "an executor may have written into the directory of the run"
    assert node.files["outputs.json"].data == b'["res/out"]'
    assert (here / "res").read_text() == "in the way"


@pytest.mark.parametrize(
    ("whole_bytes", "problem"), [(2000, "incomplete"), (1024, "cannot be read")]
)
def test_results_that_come_incomplete_stay_in_the_pool(
    node: Node, here: Path, whole_bytes: int, problem: str
) -> None:
    """Within a file, or between two: a tar may end there."""
    archive = tar_bytes({"0": b"result", "1": b"result" * 1000})[:whole_bytes]
    node.answers["job-run"] = DONE + FILES + archive
    node.exit_codes["job-run"] = (1, b"1 cannot be read")
    node.answers["job-keep"] = KEPT
    with pytest.raises(RoostError, match=problem) as caught:
        run_command(node.engine, POOL, ["x"], outputs=["0", "1"], cwd=here)
    assert "roost fetch" in str(caught.value.hint)
    assert node.commands == ["job-run", "job-keep"]
    assert [path.name for path in here.glob("[01]")] == ["0"]


def test_whatever_goes_wrong_results_are_kept(
    node: Node, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> list[str]:
        raise AttributeError("'NoneType' object has no attribute 'recv'")

    monkeypatch.setattr("roost.pool.jobs.run.unpack", fail)
    node.answers["job-run"] = DONE + FILES + tar_bytes({"out": b"result"})
    node.answers["job-keep"] = KEPT
    with pytest.raises(RoostError, match="AttributeError"):
        run_command(node.engine, POOL, ["x"], outputs=["out"], cwd=here)
    assert node.commands == ["job-run", "job-keep"]


def test_what_cannot_be_kept_is_named(node: Node, here: Path) -> None:
    told = Recorder()
    (here / "res").mkdir()
    node.answers["job-run"] = DONE + FILES + tar_bytes({"res": b"result"})
    node.answers["job-keep"] = json_lines({"left_out": ["res"]})
    with pytest.raises(RoostError, match="res: there is a directory"):
        run_command(node.engine, POOL, ["x"], outputs=["res"], cwd=here, report=told)
    (note,) = [event.detail for event in told.events if event.phase is Phase.NOTE]
    place = f"{contract.JOBS_DIR}/{node.asked[0][1]}"
    assert note == f"stays in the submit node, below {place}: res"


def test_a_file_where_a_directory_is(node: Node, here: Path) -> None:
    (here / "res").mkdir()
    node.answers["job-run"] = DONE + FILES + tar_bytes({"res": b"result", "other": b"result"})
    node.answers["job-keep"] = KEPT
    with pytest.raises(RoostError, match="res: there is a directory of that name"):
        run_command(node.engine, POOL, ["x"], outputs=["res", "other"], cwd=here)
    assert node.commands == ["job-run", "job-keep"]
    assert (here / "other").read_bytes() == b"result"


def test_what_may_still_be_there_is_not_removed(node: Node, here: Path) -> None:
    node.answers["job-run"] = DONE + FILES + tar_bytes({"res/out": b"result"})
    node.answers["job-keep"] = EngineError("gone")
    with pytest.raises(RoostError, match="cannot write below") as caught:
        run_command(
            node.engine, POOL, ["x"], outputs=["res/out"], cwd=here, on_output=in_the_way(here)
        )
    assert node.commands == ["job-run", "job-keep"]
    assert (
        f"may still be in the submit node, at {contract.JOBS_DIR}/{node.asked[0][1]}: gone"
        in str(caught.value.hint)
    )


def test_a_pool_that_is_not_there(node: Node, here: Path) -> None:
    with pytest.raises(NotFoundError, match="no pool 'q'"):
        run_command(node.engine, "q", ["true"], cwd=here)


def test_a_submit_node_that_does_not_run(node: Node, here: Path) -> None:
    node.engine.stop(f"{POOL}-submit")
    with pytest.raises(NotFoundError, match=f"it is {ContainerState.EXITED}"):
        run_command(node.engine, POOL, ["true"], cwd=here)


def test_the_job_sees_its_arguments_as_they_are(node: Node, here: Path) -> None:
    node.answers["job-run"] = DONE
    argv: Sequence[str] = ["printf", "a\nb", "$(x) \udcff"]
    run_command(node.engine, POOL, argv, environment={"A": "1"}, cwd=here)
    data = node.files[".roost-job.json"].data
    assert isinstance(data, bytes)
    assert json.loads(data) == {"argv": argv, "environment": {"A": "1"}, "outputs": []}
