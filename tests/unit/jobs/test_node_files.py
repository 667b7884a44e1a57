"""The submit node's side: snapshots, archives and what HTCondor's dry run tells."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from roost import contract
from roost.node.jobs import snapshot, submit
from roost.node.jobs.archive import walk, write_tar
from roost.node.jobs.fetch import find_place, unfetched
from roost.node.jobs.inspect import collect
from roost.node.jobs.keep import keep
from roost.node.jobs.place import Place, get_place
from roost.node.jobs.submit import _parse_terse
from roost.node.say import NodeError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "x").write_text("x")
    (tmp_path / "y").write_text("y")
    (tmp_path / "link").symlink_to("y")
    return tmp_path


def test_walking_tells_directories_first_and_no_links(tree: Path) -> None:
    assert list(walk(tree)) == ["d", "d/e", "d/x", "y"]


def test_changes_since_a_snapshot(tree: Path) -> None:
    before = snapshot.take(tree)
    assert snapshot.changes(snapshot.take(tree), before) == []
    (tree / "d" / "x").write_text("other")
    (tree / "d" / "new").mkdir()
    os.utime(tree / "y", (1, 1))
    assert snapshot.changes(snapshot.take(tree), before) == ["d/new", "d/x", "y"]


def test_a_snapshot_is_kept(tree: Path) -> None:
    taken = snapshot.take(tree / "d")
    snapshot.save(tree / "kept.json", taken)
    assert snapshot.load(tree / "kept.json") == taken
    assert snapshot.load(tree / "none.json") == {}
    assert not (tree / ".kept.json").exists()


def test_several_directories_in_one_tar(tree: Path) -> None:
    data = io.BytesIO()
    write_tar([(tree / "d", None), (tree, ["y", "vanished"])], data)
    data.seek(0)
    with tarfile.open(fileobj=data) as tar:
        assert tar.getnames() == ["e", "x", "y"]


def test_a_file_that_becomes_shorter_while_it_is_read(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = tarfile.TarFile.gettarinfo

    def longer(*arguments: Any, **options: Any) -> tarfile.TarInfo:
        info = found(*arguments, **options)
        info.size += 1
        return info

    monkeypatch.setattr(tarfile.TarFile, "gettarinfo", longer)
    with pytest.raises(NodeError, match="y cannot be read to its end"):
        write_tar([(tree, ["y"])], io.BytesIO())


def test_directories_that_vanish_meanwhile_are_left_out(tree: Path) -> None:
    paths = walk(tree)
    assert next(paths) == "d"
    shutil.rmtree(tree / "d")
    assert list(paths) == ["y"]
    assert list(walk(tree / "d")) == []


def test_files_that_vanish_meanwhile_are_in_no_snapshot(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "walk", lambda _directory: iter(["d", "vanished", "y"]))
    assert list(snapshot.take(tree)) == ["d", "y"]


def submitting(place: Place, monkeypatch: pytest.MonkeyPatch, *, meanwhile: str) -> list[str]:
    """Have condor_submit succeed, and the place lose a file meanwhile; the constraints whose jobs are
    removed after that."""

    def succeed(*_argv: object, **_options: object) -> subprocess.CompletedProcess[str]:
        (place.directory / meanwhile).unlink()
        return subprocess.CompletedProcess([], 0, "5.0 - 5.1\n", "")

    removed: list[str] = []
    place.directory.mkdir(parents=True)
    place.note.write_text('{"cwd": "/me"}')
    (place.directory / "other").touch()
    monkeypatch.setattr(submit, "remove", removed.append)
    monkeypatch.setattr(subprocess, "run", succeed)
    return removed


def test_a_submission_that_is_taken_back_while_it_is_submitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract, "JOBS_DIR", str(tmp_path))
    place = get_place("2026-abc")
    removed = submitting(place, monkeypatch, meanwhile=contract.SUBMISSION_NOTE)
    with pytest.raises(submit.RefusedError, match="taken back"):
        submit.condor_submit("x.sub", tmp_path, place)
    assert removed == [place.constraint]


def test_a_submission_that_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "JOBS_DIR", str(tmp_path))
    place = get_place("2026-abc")
    removed = submitting(place, monkeypatch, meanwhile="other")
    assert submit.condor_submit("x.sub", tmp_path, place).clusters == [(5, 2)]
    assert removed == []


@pytest.fixture
def run_and_submission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Place, Place]:
    """A run that is over, and where its results are to be kept."""
    monkeypatch.setattr(contract, "JOBS_DIR", str(tmp_path))
    run, submission = get_place("2026-run"), get_place("2026-kept")
    for place in (run, submission):
        place.directory.mkdir()
        place.note.write_text('{"cwd": "/me"}')
    outputs = ["res/0.5", "res/11.5", "all"]
    (submission.directory / contract.SUBMISSION_OUTPUTS).write_text(json.dumps(outputs))
    return run, submission


def test_results_that_are_kept_can_be_fetched(run_and_submission: tuple[Place, Place]) -> None:
    run, place = run_and_submission
    for number in (0, 11):
        arrival = run.directory / f"out.{number}"
        (arrival / "res" / f"{number}.5").mkdir(parents=True)
        (arrival / "res" / f"{number}.5" / "data").write_text(f"{number}")
        (arrival / "res" / "12.5").write_text("of another")
        (arrival / ".bashrc").write_text("evil")
    (run.directory / "out.0" / "all").write_text("all")
    assert keep([run.submission, place.submission, "5"]) == 0
    assert find_place("5") == place
    assert not run.directory.exists()
    results = ["all", "res/0.5/data", "res/11.5/data"]
    assert unfetched(place) == results
    assert [path for path in walk(place.mirror) if (place.mirror / path).is_file()] == results
    assert (place.mirror / "res/11.5/data").read_text() == "11"


def test_what_two_processes_made_differently_is_told(
    run_and_submission: tuple[Place, Place], capsys: pytest.CaptureFixture[str]
) -> None:
    run, place = run_and_submission
    (run.directory / "out.0").mkdir()
    (run.directory / "out.0" / "all").write_text("a file")
    (run.directory / "out.1" / "all").mkdir(parents=True)
    (run.directory / "out.1" / "all" / "deep").write_text("a directory")
    (run.directory / "out.1" / "res").mkdir()
    (run.directory / "out.1" / "res" / "0.5").write_text("good")
    assert keep([run.submission, place.submission, "5"]) == 0
    assert json.loads(capsys.readouterr().out) == {"left_out": ["all", "all/deep"]}
    assert "res/0.5" in unfetched(place)
    assert run.directory.exists(), "it holds what was left out"


def test_nothing_that_an_executor_wrote_beside_is_believed(
    run_and_submission: tuple[Place, Place], tmp_path: Path
) -> None:
    """It may write what it likes into the directory of the run that it works for."""
    run, place = run_and_submission
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "all").write_text("of another submission")
    (run.directory / "root" / "home").mkdir(parents=True)
    (run.directory / "root" / "home" / ".bashrc").write_text("evil")
    run.note.write_text('{"cwd": "/home"}')
    (run.directory / "clusters").write_text("7\n")
    (run.directory / "out.0").symlink_to(tmp_path / "secret")
    (run.directory / "out.1").mkdir()
    (run.directory / "out.1" / "all").symlink_to(tmp_path / "secret" / "all")
    assert find_place("7") is None
    assert keep([run.submission, place.submission, "5"]) == 0
    assert unfetched(place) == []
    assert place.cwd == "/me"
    assert (tmp_path / "secret" / "all").read_text() == "of another submission"


def test_what_jobs_need() -> None:
    top = "/jobs/x/root/home/me"
    whole = {
        "Iwd": f"{top}/run",
        "Cmd": f"{top}/prog",
        "In": "../in.txt",
        "Out": "logs/out",
        "Err": "/dev/null",
        "UserLog": f"{top}/all.log",
        "TransferInput": " a, /bin/sh,dir/ ,https://x/y",
        "TransferOutputRemaps": "r=res/r; s = s3://b/s",
    }
    needs = collect(iter([whole, {**whole, "TransferExecutable": False, "In": "/dev/null"}]))
    assert needs.processes == 2
    assert needs.inputs == {
        f"{top}/prog",
        f"{top}/in.txt",
        f"{top}/run/a",
        f"{top}/run/dir",
        "/bin/sh",
    }
    assert needs.here == {"/bin/sh"}
    assert needs.directories == {f"{top}/run", f"{top}/run/logs", top, f"{top}/run/res"}


def test_what_condor_submit_tells() -> None:
    output = "1.0 - 1.9\n1.10 - 1.10\n2.0 - 2.0\n"
    assert list(_parse_terse(output)) == [(1, 11), (2, 1)]
    assert list(_parse_terse("")) == []


@pytest.mark.parametrize("text", ["", "..", "a/b", "../x", "-x", "A", "a" * 65])
def test_what_is_no_submission(text: str) -> None:
    with pytest.raises(NodeError):
        get_place(text)


def test_where_a_submission_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "JOBS_DIR", str(tmp_path))
    place = get_place("2026-abc")
    place.directory.mkdir()
    (place.directory / contract.SUBMISSION_NOTE).write_text('{"cwd": "/home/me"}')
    assert place.mirror == tmp_path / "2026-abc/root/home/me"
    assert place.constraint == 'RoostSubmission == "2026-abc"'
