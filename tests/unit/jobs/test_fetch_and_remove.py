from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from roost.errors import NotFoundError, RoostError, UsageError
from roost.events import Phase, Recorder
from roost.pool.jobs.fetch import fetch
from roost.pool.jobs.remove import RemoveResult, remove_jobs
from tests.unit.jobs.conftest import POOL, Node, json_lines, tar_bytes


def offer(cwd: Path, files: dict[str, bytes], host: str | None = None) -> bytes:
    head = {"submission": "s-1", "offer": "0f", "cwd": str(cwd)}
    head["host"] = host or socket.gethostname()
    return json_lines({**head, "files": len(files)}, {"kind": "files"}) + tar_bytes(files)


@pytest.fixture(autouse=True)
def fetched(node: Node) -> None:
    node.answers["job-fetched"] = b""


def test_files_go_back_to_where_they_were_submitted(node: Node, tmp_path: Path) -> None:
    node.answers["job-fetch"] = offer(tmp_path, {"d/out": b"result", "log": b"log"})
    result = fetch(node.engine, POOL, "12.1")
    assert result.directory == tmp_path
    assert result.files == (tmp_path / "d/out", tmp_path / "log")
    assert (tmp_path / "d/out").read_bytes() == b"result"
    assert node.asked == [["job-fetch", "12"], ["job-fetched", "s-1", "0f"]]


def test_or_where_they_are_wanted(node: Node, tmp_path: Path) -> None:
    node.answers["job-fetch"] = offer(Path("/nowhere"), {"out": b"x"}, host="another")
    result = fetch(node.engine, POOL, "12", to=tmp_path / "new" / "place")
    assert result.files == (tmp_path / "new/place/out",)


@pytest.mark.parametrize("host", [None, "another"])
def test_a_directory_that_is_not_here(node: Node, tmp_path: Path, host: str | None) -> None:
    cwd = tmp_path if host else tmp_path / "gone"
    node.answers["job-fetch"] = offer(cwd, {"out": b"x"}, host)
    with pytest.raises(UsageError, match="which is not here") as caught:
        fetch(node.engine, POOL, "12")
    assert "--to" in str(caught.value.hint)
    assert node.commands == ["job-fetch"]
    assert list(tmp_path.iterdir()) == []


def test_a_destination_that_cannot_be_made(node: Node, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    node.answers["job-fetch"] = offer(tmp_path, {})
    with pytest.raises(UsageError, match="cannot write to"):
        fetch(node.engine, POOL, "12", to=tmp_path / "file")


def test_what_was_left_out_is_told(node: Node, tmp_path: Path) -> None:
    told = Recorder()
    node.answers["job-fetch"] = offer(tmp_path, {"../evil": b"x", "good": b"x"})
    assert fetch(node.engine, POOL, "12", report=told).files == (tmp_path / "good",)
    notes = [event.detail for event in told.events if event.phase is Phase.NOTE]
    assert notes == ["left out: ../evil: its path leads out of the directory"]
    assert node.commands == ["job-fetch"], "it has not arrived, and is not removed without a word"


def test_no_such_submission(node: Node) -> None:
    node.answers["job-fetch"] = json_lines({"unknown": "12", "known": ["3"]})
    with pytest.raises(NotFoundError, match="no job 12"):
        fetch(node.engine, POOL, "12")
    with pytest.raises(UsageError):
        fetch(node.engine, POOL, "twelve")


def test_removing(node: Node) -> None:
    answer = {"removed": ["12.0", "12.1"], "kept": {"13": ["out"]}}
    node.answers["job-remove"] = json.dumps(answer).encode()
    result = remove_jobs(node.engine, POOL, ["12", "13.4"])
    assert result == RemoveResult(("12.0", "12.1"), {"13": ("out",)})
    remove_jobs(node.engine, POOL, ["12"], purge=True)
    assert node.asked == [["job-remove", "keep", "12", "13.4"], ["job-remove", "purge", "12"]]


def test_removing_what_is_not_there(node: Node) -> None:
    node.answers["job-remove"] = json.dumps({"unknown": ["9"], "known": []}).encode()
    with pytest.raises(NotFoundError, match="no job 9"):
        remove_jobs(node.engine, POOL, ["9"])


@pytest.mark.parametrize("ids", [[], ["all"]])
def test_removing_what_are_no_jobs(node: Node, ids: list[str]) -> None:
    with pytest.raises(UsageError):
        remove_jobs(node.engine, POOL, ids)
    assert node.commands == []


def test_a_node_that_ends_before_it_offers_anything(node: Node, tmp_path: Path) -> None:
    node.answers["job-fetch"] = b""
    with pytest.raises(RoostError, match="fetching failed: no files came"):
        fetch(node.engine, POOL, "12", to=tmp_path)
