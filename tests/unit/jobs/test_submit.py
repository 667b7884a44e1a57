from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from roost import contract
from roost.errors import JobError, RoostError, UsageError
from roost.events import Phase, Recorder
from roost.pool.jobs.submit import Submission, submit_file
from tests.unit.jobs.conftest import POOL, Node

SUBMITTED = {"clusters": [[7, 3]], "said": ""}
MATCHED: dict[str, Any] = {"slots": [], "unmatched": []}
Inspect = Callable[..., Callable[[Sequence[str]], bytes]]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    here = tmp_path / "here"
    (here / "logs").mkdir(parents=True)
    (here / "x.sub").write_text("executable = a\nqueue\n")
    (here / "a").write_text("#!/bin/sh\n")
    (tmp_path / "beside").write_text("beside")
    return here


def needs(here: Path, **values: Any) -> Callable[[Sequence[str]], bytes]:
    """An answer of job-inspect, whose paths below ``here`` are given as on the host."""

    def answer(arguments: Sequence[str]) -> bytes:
        root = f"{contract.JOBS_DIR}/{arguments[0]}/{contract.SUBMISSION_ROOT}"
        told: dict[str, Any] = {
            "error": values.get("error", ""),
            "wanted": f"{root}{values['wanted']}" if values.get("wanted") else "",
            "here": values.get("of_the_node", []),
            "processes": 1,
        }
        for name in ("inputs", "directories"):
            paths = values.get(name, [])
            told[name] = [str(one) if isinstance(one, str) else f"{root}{one}" for one in paths]
        return json.dumps(told).encode()

    return answer


def prepare(node: Node, inspect: Callable[[Sequence[str]], bytes]) -> None:
    node.answers["job-inspect"] = inspect
    node.answers["job-submit"] = json.dumps(SUBMITTED).encode()
    node.answers["job-match"] = json.dumps(MATCHED).encode()


def uploaded(node: Node, here: Path) -> set[str]:
    prefix = f"{contract.SUBMISSION_ROOT}{here}/"
    return {
        path.removeprefix(prefix)
        for path, file in node.files.items()
        if path.startswith(prefix) and file.data is not None
    }


def test_what_it_names_is_put_into_the_mirror(node: Node, here: Path) -> None:
    inputs = [here / "a", here.parent / "beside", "/bin/sleep"]
    prepare(
        node,
        needs(here, inputs=inputs, of_the_node=["/bin/sleep"], directories=[here, here / "logs"]),
    )
    assert submit_file(node.engine, POOL, Path("x.sub"), cwd=here) == Submission((7,), 3)
    assert node.commands == ["job-inspect", "job-submit", "job-match"]
    assert node.asked[1][2] == "x.sub"
    assert uploaded(node, here) == {"x.sub", "a"}
    assert f"root{here.parent}/beside" in node.files
    assert f"root{here}/logs" in node.files


def test_what_is_submitted_is_told_also_where_nothing_is_known_of_slots(
    node: Node, here: Path
) -> None:
    told = Recorder()
    prepare(node, needs(here))
    node.answers["job-match"] = RoostError("the collector does not answer")
    submission = submit_file(node.engine, POOL, Path("x.sub"), cwd=here, report=told)
    assert submission == Submission((7,), 3)
    (note,) = [event.detail for event in told.events if event.phase is Phase.NOTE]
    assert note == "whether a slot can take them is not known: the collector does not answer"
    assert "job-clean" not in node.commands


def test_a_submit_file_of_another_directory(node: Node, here: Path) -> None:
    (here.parent / "y.sub").write_text("queue")
    prepare(node, needs(here, directories=[here]))
    submit_file(node.engine, POOL, here.parent / "y.sub", cwd=here)
    assert node.asked[1][2] == "../y.sub"


def test_included_files_are_brought_when_they_are_asked_for(node: Node, here: Path) -> None:
    (here / "common.inc").write_text("queue matching *.dat")
    (here / "1.dat").write_text("content")
    answers = [needs(here, error="x", wanted=here / "common.inc"), needs(here, directories=[here])]
    prepare(node, lambda arguments: answers.pop(0)(arguments))
    submit_file(node.engine, POOL, Path("x.sub"), cwd=here)
    assert node.commands[:2] == ["job-inspect", "job-inspect"]
    files = node.files
    assert files[f"root{here}/1.dat"].data == b""  # its name is enough
    assert files[f"root{here}/x.sub"].data == b"executable = a\nqueue\n"


@pytest.mark.parametrize("wanted", ["", "nope", "x.sub"])
def test_htcondors_own_words_for_a_bad_submit_file(node: Node, here: Path, wanted: str) -> None:
    error = "\nERROR: on Line 3 of submit file: nonsense\n\n"
    prepare(node, needs(here, error=error, wanted=here / wanted if wanted else None))
    with pytest.raises(JobError) as caught:
        submit_file(node.engine, POOL, Path("x.sub"), cwd=here)
    assert caught.value.message == (
        f"HTCondor refused {here}/x.sub:\nERROR: on Line 3 of submit file: nonsense"
    )
    assert node.commands == ["job-inspect", "job-clean"]


def test_all_missing_inputs_are_named(node: Node, here: Path) -> None:
    inputs = [here / "a", here / "nope", here / "d/none", "/data/x"]
    prepare(node, needs(here, inputs=inputs, directories=[here]))
    with pytest.raises(UsageError) as caught:
        submit_file(node.engine, POOL, Path("x.sub"), cwd=here)
    assert caught.value.message.endswith("nope, d/none, /data/x (on the submit node)")
    assert node.commands == ["job-inspect", "job-clean"]


@pytest.mark.parametrize("place", ["nodir", "../there", "/tmp"])
def test_results_need_a_directory_below_the_one_submitted_from(
    node: Node, here: Path, place: str
) -> None:
    (here.parent / "there").mkdir()
    directory = place if place == "/tmp" else (here / place).resolve()
    prepare(node, needs(here, directories=[here, directory]))
    with pytest.raises(UsageError, match="results could not be written"):
        submit_file(node.engine, POOL, Path("x.sub"), cwd=here)
    assert node.commands == ["job-inspect", "job-clean"]


def test_htcondor_refuses_at_last(node: Node, here: Path) -> None:
    prepare(node, needs(here, directories=[here]))
    node.answers["job-submit"] = b'{"error": "ERROR: queue is full"}'
    with pytest.raises(JobError, match="queue is full"):
        submit_file(node.engine, POOL, Path("x.sub"), cwd=here)
    assert node.commands[-1] == "job-clean"


def test_what_no_slot_can_take_is_told(node: Node, here: Path) -> None:
    told = Recorder()
    prepare(node, needs(here, directories=[here]))
    node.answers["job-submit"] = json.dumps({**SUBMITTED, "said": "WARNING: odd"}).encode()
    request = {"cpus": 64, "memory_mb": 0, "disk_mb": 0}
    small = {**request, "cpus": 1}
    answer = {
        "slots": [{"name": "slot1@e", "cpus": 2, "memory_mb": 1024, "disk_mb": 9000}],
        "unmatched": [
            {"job": "7.0", "requirements": "", "request": request},
            {"job": "7.1", "requirements": 'Machine == "x"', "request": small},
        ],
    }
    node.answers["job-match"] = json.dumps(answer).encode()
    submit_file(node.engine, POOL, Path("x.sub"), cwd=here, report=told)
    notes = [event.detail for event in told.events if event.phase is Phase.NOTE]
    assert notes[0] == "WARNING: odd"
    assert "take job 7.0 as it is now; it asks for 64 CPUs; the biggest" in notes[1]
    assert (
        'take job 7.1 as it is now; its requirements match none of them: Machine == "x"' in notes[2]
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.dag", "", "describes a DAG"),
        ("flow", "JOB A a.sub\nPARENT A CHILD B\n", "describes a DAG"),
        ("none", None, "cannot read the submit file"),
    ],
)
def test_what_is_no_submit_file(
    node: Node, here: Path, name: str, text: str | None, words: str
) -> None:
    if text is not None:
        (here / name).write_text(text)
    with pytest.raises(UsageError, match=words):
        submit_file(node.engine, POOL, Path(name), cwd=here)
    assert node.commands == []


def test_too_many_names_to_match(node: Node, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roost.pool.jobs.mirror._MOST_NAMES", 2)
    (here / "x.sub").write_text("queue x matching files *.dat\n")
    with pytest.raises(UsageError, match="more than 2 files to match names with"):
        submit_file(node.engine, POOL, Path("x.sub"), cwd=here)


def test_a_submit_file_that_can_be_read_once_only(node: Node, here: Path) -> None:
    os.mkfifo(here / "pipe")
    with pytest.raises(UsageError, match="is a pipe or a device") as caught:
        submit_file(node.engine, POOL, Path("pipe"), cwd=here)
    assert "write it into a file" in str(caught.value.hint)
    assert node.commands == []
