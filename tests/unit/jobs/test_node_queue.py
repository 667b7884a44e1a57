"""Waiting and removing on the submit node, over a queue that is a list."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from roost import contract
from roost.node.__main__ import main
from roost.node.jobs import ads, fetch, listing, queue, remove, snapshot, wait
from roost.node.jobs.place import Place
from roost.node.say import NodeError

Told = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "await_configuration", lambda _deadline: True)


def ad(process: int, status: int, cluster: int = 3) -> dict[str, Any]:
    return {"ClusterId": cluster, "ProcId": process, "JobStatus": status}


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_constraints() -> None:
    assert ads.constraint_of(["12", "13.4"]) == (
        "(ClusterId == 12) || (ClusterId == 13 && ProcId == 4)"
    )


def test_unknown_ids() -> None:
    assert ads.find_unknown(["3", "3.1", "3.2", "4"], [ad(0, 1), ad(1, 1)]) == ["3.2", "4"]


def test_what_the_history_has_twice_is_one_job(monkeypatch: pytest.MonkeyPatch) -> None:
    latest_first = [ad(1, 4), ad(0, 4), ad(1, 4)]
    monkeypatch.setattr(ads, "history", lambda _constraint, _projection: latest_first)
    found = ads.find_in_history(["3"])
    assert sorted(one["ProcId"] for one in found) == [0, 1]


def test_what_is_undefined_is_left_out() -> None:
    class Value(IntEnum):
        Undefined = 2

    given = {"ProcId": 2, "Attempt": Value.Undefined, "Cmd": "x", "Done": True}
    assert queue.plain(given) == {"ProcId": 2, "Cmd": "x", "Done": True}


@pytest.mark.parametrize(
    ("most", "count"), [(0, 0), (1, 1), (2, 2), (-1, 3)], ids=["none", "one", "two", "all"]
)
def test_the_list_has_so_much_of_the_history(
    monkeypatch: pytest.MonkeyPatch, told: Any, most: int, count: int
) -> None:
    ended = [ad(2, 4), ad(1, 4), ad(0, 3)]

    def history(_constraint: str, _projection: object, most: int) -> Iterator[dict[str, Any]]:
        assert most, "to HTCondor 0 is no limit"
        return iter(ended if most < 0 else ended[:most])

    monkeypatch.setattr(listing, "query", lambda _constraint, _projection: [ad(3, 2)])
    monkeypatch.setattr(listing, "history", history)
    assert listing.listing([str(most)]) == 0
    assert told() == [{"queue": [ad(3, 2)], "history": ended[:count]}]


@pytest.fixture
def bindings(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """HTCondor's, with a schedd whose history is ``ended`` or fails as ``error``."""
    known = SimpleNamespace(ended=[], error=None)

    def history(**asked: Any) -> Any:
        if known.error:
            raise known.error
        known.asked = asked
        return known.ended

    known.Schedd = lambda: SimpleNamespace(history=history)
    monkeypatch.setitem(sys.modules, "htcondor2", known)
    monkeypatch.setattr(queue, "failures", lambda: (RuntimeError,))
    return known


def test_the_whole_history_is_asked_for(bindings: SimpleNamespace) -> None:
    bindings.ended = [ad(1, 4), ad(0, 4)]
    found = queue.history("true", ["ProcId"], -1)
    assert next(found) == ad(1, 4), "one at a time"
    assert list(found) == [ad(0, 4)]
    assert bindings.asked == {"constraint": "true", "projection": ["ProcId"], "match": -1}


def test_a_history_that_is_not_told_fails_before_anything_is_printed(
    bindings: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    bindings.error = RuntimeError("Failed to receive history ad.")
    monkeypatch.setattr(listing, "query", lambda _constraint, _projection: [])
    with pytest.raises(NodeError, match="does not tell its history: Failed to receive"):
        listing.listing(["-1"])
    assert told() == []


def test_waiting_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    looks = [[ad(0, 2), ad(1, 1)], [ad(0, 2), ad(1, 1)], [ad(1, 2)], [ad(1, 4)]]
    history = [[], [ad(0, 4), ad(1, 4)]]
    monkeypatch.setattr(wait, "find_in_queue", lambda _ids: looks.pop(0))
    monkeypatch.setattr(wait, "find_in_history", lambda _ids: history.pop(0))
    assert wait.wait(["20", "3"]) == 0
    assert told() == [
        {"idle": 1, "running": 1, "held": 0, "done": 0, "total": 2},
        {"idle": 0, "running": 1, "held": 0, "done": 1, "total": 2},
        {"idle": 0, "running": 0, "held": 0, "done": 2, "total": 2},
        {"ended": [ad(0, 4), ad(1, 4)]},
    ]


def test_jobs_on_hold_are_not_waited_for(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    monkeypatch.setattr(wait, "find_in_queue", lambda _ids: [ad(1, 5)])
    monkeypatch.setattr(wait, "find_in_history", lambda _ids: [ad(0, 4)])
    wait.wait(["20", "3"])
    assert told()[-1] == {"ended": [ad(0, 4), ad(1, 5)]}


def test_waiting_goes_on_while_the_schedd_starts_anew(
    monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    looks: list[list[dict[str, Any]] | None] = [[ad(0, 2)], None, []]

    def find(_ids: object) -> list[dict[str, Any]]:
        found = looks.pop(0)
        if found is None:
            raise NodeError("the schedd does not answer")
        return found

    monkeypatch.setattr(queue, "_PAUSE_S", 0.01)
    monkeypatch.setattr(wait, "find_in_queue", find)
    monkeypatch.setattr(wait, "find_in_history", lambda _ids: [ad(0, 4)])
    wait.wait(["20", "3"])
    assert told()[-1] == {"ended": [ad(0, 4)]}


def test_waiting_gives_up_where_the_schedd_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(_ids: object) -> list[dict[str, Any]]:
        raise NodeError("the schedd does not answer")

    monkeypatch.setattr(queue, "AWAY_S", 0.0)
    monkeypatch.setattr(queue, "_PAUSE_S", 0.01)
    monkeypatch.setattr(wait, "find_in_queue", find)
    with pytest.raises(NodeError, match="does not answer"):
        wait.wait(["20", "3"])


def test_waiting_begins_once_the_node_has_written_its_configuration(
    monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    began: list[str] = []

    def find(_ids: object) -> list[dict[str, Any]]:
        began.append("asked")
        return []

    monkeypatch.setattr(wait, "await_configuration", lambda _deadline: began.append("configured"))
    monkeypatch.setattr(wait, "find_in_queue", find)
    monkeypatch.setattr(wait, "find_in_history", lambda _ids: [ad(0, 4)])
    wait.wait(["20", "3"])
    assert began == ["configured", "asked"]
    assert told()[-1] == {"ended": [ad(0, 4)]}


def test_patience_with_a_schedd_that_turns_questions_away(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([NodeError("it is overloaded"), NodeError("it is overloaded"), None])

    def ask() -> str:
        if error := next(answers):
            raise error
        return "removed"

    monkeypatch.setattr(queue, "_PAUSE_S", 0.0)
    assert queue.patiently(ask, away_s=30) == "removed"


def test_waiting_ends_with_its_time(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    monkeypatch.setattr(wait, "find_in_queue", lambda _ids: [ad(0, 1)])
    monkeypatch.setattr(wait, "find_in_history", lambda _ids: [])
    wait.wait(["0.01", "3.0"])
    assert told() == [{"idle": 1, "running": 0, "held": 0, "done": 0, "total": 1}]


def test_waiting_for_what_is_not_there(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    monkeypatch.setattr(wait, "find_in_queue", lambda _ids: [])
    monkeypatch.setattr(wait, "find_in_history", lambda _ids: [])
    monkeypatch.setattr(wait, "known_clusters", lambda: ["1", "2"])
    wait.wait(["20", "3", "4.1"])
    assert told() == [{"unknown": ["3", "4.1"], "known": ["1", "2"]}]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A submission with one uploaded file and one result, whose cluster 3 is over."""
    monkeypatch.setattr(contract, "JOBS_DIR", str(tmp_path))
    place = Place("s-1")
    place.directory.mkdir()
    (place.directory / contract.SUBMISSION_NOTE).write_text('{"cwd": "/me", "host": "h"}')
    place.clusters.write_text("3\n")
    place.mirror.mkdir(parents=True)
    (place.mirror / "in").write_text("in")
    snapshot.save(place.directory / "uploaded.json", snapshot.take(place.mirror))
    (place.mirror / "out").write_text("out")
    monkeypatch.setattr(ads, "find_in_queue", lambda _ids: [])
    monkeypatch.setattr(ads, "find_in_history", lambda _ids: [])
    monkeypatch.setattr(ads, "known_clusters", lambda: ["3"])
    monkeypatch.setattr(remove, "remove", lambda _constraint: None)
    monkeypatch.setattr(remove, "query", lambda _constraint, _projection: [])
    return place


def test_results_that_were_not_fetched_are_kept(place: Place, told: Any) -> None:
    remove.remove_jobs(["keep", "3"])
    assert told() == [{"removed": [], "kept": {"3": ["out"]}}]
    assert place.directory.exists()


def test_unless_they_are_not_wanted(place: Place, told: Any) -> None:
    remove.remove_jobs(["purge", "3"])
    assert told() == [{"removed": [], "kept": {}}]
    assert not place.directory.exists()


def test_results_that_were_fetched_need_not_be_kept(
    place: Place, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    fetch.fetch(["3"])
    head = json.loads(capfdbinary.readouterr().out.splitlines()[0])
    fetch.fetched(["s-1", head.pop("offer")])
    assert head == {"submission": "s-1", "cwd": "/me", "host": "h", "files": 1}
    assert fetch.unfetched(place) == []
    (place.mirror / "out").write_text("more")
    assert fetch.unfetched(place) == ["out"]
    (place.mirror / "out").unlink()
    remove.remove_jobs(["keep", "3"])
    assert not place.directory.exists()


def test_of_two_fetches_at_once_each_stands_for_what_it_brought(
    place: Place, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    offers = []
    for name in ("out", "later"):
        (place.mirror / name).write_text(name)
        fetch.fetch(["3"])
        offers.append(json.loads(capfdbinary.readouterr().out.splitlines()[0])["offer"])
    fetch.fetched(["s-1", offers[0]])
    assert fetch.unfetched(place) == ["later"]
    fetch.fetched(["s-1", offers[1]])
    assert fetch.unfetched(place) == []


def test_what_keeps_files_from_coming_is_no_part_of_them(
    place: Place, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def write_half(_directories: object, output: BinaryIO) -> None:
        output.write(b"half a tar")
        raise NodeError("out cannot be read to its end")

    monkeypatch.setattr(fetch, "write_tar", write_half)
    assert main(["job-fetch", "3"]) == 1
    told = capfdbinary.readouterr()
    assert told.out.endswith(b"half a tar")
    assert told.err.endswith(b"out cannot be read to its end\n")


def test_a_submission_that_was_taken_back_half_way_goes_with_its_jobs(
    place: Place, monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    def stay(_constraint: str) -> None:
        raise NodeError("its jobs are still there")

    with monkeypatch.context() as patch:
        patch.setattr(remove, "remove", stay)
        with pytest.raises(NodeError):
            remove.clean(["s-1"])
    fetch.fetch(["3"])
    remove.remove_jobs(["keep", "3"])
    assert told() == [{"unknown": "3", "known": ["3"]}, {"removed": [], "kept": {}}]
    assert not place.directory.exists()


def test_what_was_fetched_of_a_submission_that_is_gone(place: Place) -> None:
    shutil.rmtree(place.directory)
    assert fetch.fetched(["s-1", "0f"]) == 0


def test_what_is_no_offer(place: Place) -> None:
    with pytest.raises(NodeError, match="is no offer"):
        fetch.fetched(["s-1", "../uploaded"])


def test_cleaning_marks_first_that_nothing_is_to_be_submitted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked = []
    monkeypatch.setattr(remove, "remove", lambda _: marked.append(not place.note.exists()))
    remove.clean(["s-1"])
    assert marked == [True]
    assert not place.directory.exists()
    assert remove.clean(["s-1"]) == 0, "idempotent"


def test_a_submission_with_jobs_in_the_queue_stays(
    place: Place, monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    monkeypatch.setattr(ads, "find_in_queue", lambda _ids: [ad(0, 1)])
    monkeypatch.setattr(remove, "query", lambda _constraint, _projection: [ad(1, 1)])
    remove.remove_jobs(["purge", "3.0"])
    assert told() == [{"removed": ["3.0"], "kept": {}}]
    assert place.directory.exists()


def test_removing_what_is_not_there(place: Place, told: Any) -> None:
    remove.remove_jobs(["keep", "3", "4"])
    assert told() == [{"unknown": ["4"], "known": ["3"]}]
    assert place.directory.exists()


def test_fetching_what_is_not_there(
    place: Place, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    fetch.fetch(["4"])
    assert json.loads(capfdbinary.readouterr().out) == {"unknown": "4", "known": ["3"]}
