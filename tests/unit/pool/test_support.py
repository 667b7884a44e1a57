"""The support archive of a pool on an engine in memory."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from roost.engines.fake import Failure, FakeEngine
from roost.engines.protocol import Container, ExecResult
from roost.errors import ConflictError, NotFoundError, RoostError, UsageError
from roost.events import Recorder, silent
from roost.pool.support import SupportArchive, export_logs
from roost.pool.support.redacted import redacted
from tests.unit.pool.logs.nodes import make_engine

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJsYWIucG9vbCJ9.c2lnbmF0dXJl"
QUEUE = f'ClusterId = 12\nHoldReason = "no such file"\nEnv = "MINE=x"\nArgs = "--token {TOKEN}"\n'

Export = Callable[..., SupportArchive]


def answer(_container: Container, argv: Sequence[str]) -> ExecResult:
    if argv[0] != "timeout":
        return ExecResult(1, b"", b"roost-node is not here")
    match argv[3]:
        case "condor_q":
            return ExecResult(0, QUEUE.encode(), b"")
        case "condor_history":
            return ExecResult(1, b"", b"cannot\nopen history")
        case "condor_config_val":
            return ExecResult(124, b"KNOB = 1\n", b"")
    return ExecResult(0, b"fine\nno line end", b"")


@pytest.fixture
def engine() -> FakeEngine:
    engine = make_engine("master", "submit", "execute-1")
    engine._on_exec = answer
    engine.say("lab-submit", f"one\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END\n{TOKEN}")
    engine.stop("lab-execute-1")
    return engine


@pytest.fixture
def export(engine: FakeEngine, tmp_path: Path) -> Export:
    def run(path: Path | None = None, **options: object) -> SupportArchive:
        return export_logs(engine, "lab", path or tmp_path, silent, **options)  # type: ignore[arg-type]

    return run


def read(path: Path) -> dict[str, str]:
    """The files of an archive, by their paths without the one directory on top."""
    with tarfile.open(path) as tar:
        tops = {name.partition("/")[0] for name in tar.getnames()}
        assert tops == {path.name.removesuffix(".tar.gz")}
        texts = {}
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            assert member.mode == 0o600
            texts[member.name.partition("/")[2]] = file.read().decode()
    return texts


def test_everything_is_in_it(export: Export, tmp_path: Path) -> None:
    made = export()
    assert made.path.parent == tmp_path
    assert made.path.name.startswith("roost-lab-2")
    assert (made.path.stat().st_mode & 0o777, made.size) == (0o600, made.path.stat().st_size)
    assert made.nodes == ("execute-1", "master", "submit")
    files = read(made.path)
    assert list(files) == [
        *("status.json", "doctor.json", "versions.json", "engine/info.json"),
        *("engine/execute-1.json", "engine/master.json", "versions/master.txt"),
        *("config/master.txt", "engine/submit.json", "versions/submit.txt", "config/submit.txt"),
        *("ads/master-collector.txt", "ads/submit-queue.txt"),
        *("logs/execute-1.log", "logs/master.log", "logs/submit.log", "README.md"),
    ]
    assert json.loads(files["status.json"])["pool"] == "lab"
    assert files["versions/master.txt"] == "fine\nno line end\n"
    assert "lab-execute-1" in files["engine/execute-1.json"]
    assert files["logs/submit.log"].splitlines()[0].endswith("Z one")


def test_what_cannot_answer_is_named(export: Export) -> None:
    made = export()
    readme = read(made.path)["README.md"]
    assert made.missing == {
        "versions/execute-1.txt": "lab-execute-1 is not running: it is exited",
        "config/execute-1.txt": "lab-execute-1 is not running: it is exited",
        "config/master.txt": "`condor_config_val -summary` did not end within 60 s",
        "config/submit.txt": "`condor_config_val -summary` did not end within 60 s",
        "ads/submit-history.txt": "`condor_history -long -limit 100` ended with 1:"
        " cannot open history",
    }
    assert all(f"- `{path}`: {why}" in readme for path, why in made.missing.items())
    assert read(made.path)["config/master.txt"] == "KNOB = 1\n", "what there was before it failed"


def test_secrets_are_not(export: Export) -> None:
    files = read(export().path)
    for secret in (TOKEN, "MIIE", "MINE", "c2lnbmF0"):
        assert not any(secret in text for text in files.values()), secret
    assert 'HoldReason = "no such file"' in files["ads/submit-queue.txt"]
    assert "environments of jobs" in " ".join(files["README.md"].split())


def test_a_fault_of_our_own_does_not_cost_the_rest(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roost.pool.support.items.look", lambda *_: 1 / 0)
    made = export()
    assert "ZeroDivisionError" in made.missing["status.json"]
    assert "logs/submit.log" in read(made.path)


def test_since_is_asked_of_the_engine(export: Export, engine: FakeEngine) -> None:
    assert "Logs since 1970-01-01T00:00:05.500Z" in read(export(since=5.5).path)["README.md"]
    asked = [call.arguments.get("since") for call in engine.calls if call.method == "logs"]
    assert set(asked[-3:]) == {5}


def test_a_file_that_is_there_stays(export: Export, tmp_path: Path) -> None:
    path = tmp_path / "mine.tar.gz"
    path.write_text("mine")
    with pytest.raises(ConflictError, match="is there already"):
        export(path)
    assert path.read_text() == "mine"
    assert read(export(path, force=True).path)["README.md"]


def test_what_is_no_file_stays(export: Export, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="is no file"):
        export(pipe, force=True)
    assert pipe.is_fifo()


@pytest.mark.parametrize("where", ["no/such/x.tar.gz", "file/x.tar.gz"])
def test_a_place_that_cannot_be_written_is_named(
    export: Export, tmp_path: Path, where: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RoostError, match=rf"cannot write .*{where}"):
        export(tmp_path / where)


def test_a_full_disk_is_told(
    export: Export, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "addfile", full)
    with pytest.raises(RoostError, match="No space left"):
        export()
    assert list(tmp_path.iterdir()) == []


def test_interrupted_it_leaves_nothing(export: Export, engine: FakeEngine, tmp_path: Path) -> None:
    engine.failure = Failure(len(engine.calls) + 10, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        export()
    assert list(tmp_path.iterdir()) == []


def test_it_tells_how_far_it_is(engine: FakeEngine, tmp_path: Path) -> None:
    recorder = Recorder()
    export_logs(engine, "lab", tmp_path, recorder)
    details = [event.detail for event in recorder.events]
    assert "logs/submit.log" in details
    assert recorder.done_steps() == ["collect"]


def test_a_pool_that_is_not_there(engine: FakeEngine, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no pool 'other'"):
        export_logs(engine, "other", tmp_path, silent)
    assert list(tmp_path.iterdir()) == []


def test_a_key_goes_over_many_lines() -> None:
    def key(lines: int, last: str) -> Iterator[str]:
        yield "before -----BEGIN EC PRIVATE KEY-----"
        yield from ["MHcCAQEE"] * lines
        yield last

    assert list(redacted([*key(3, "-----END EC PRIVATE KEY-----"), "after"])) == [
        *("before [redacted]", "after"),
    ]
    told = list(redacted([*key(300, "no end"), "after"]))
    assert told[-1] == "after", "a key that has no end hides no more than a key is long"
    assert len(told) < 110
