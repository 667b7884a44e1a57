"""Files that grow, rotate, shrink and go, and a forwarder that is killed: no line is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from roost.logline import ROOST, Level, LogFormat, LogRecord
from roost.node.logs import forward
from roost.node.logs.forward import Forwarder
from roost.node.logs.output import Output
from roost.node.logs.state import load_state
from tests.unit.node.logs.conftest import LogNode, event


def messages(records: Iterable[LogRecord]) -> list[str]:
    return [record.message for record in records]


def test_lines_come_once_and_in_order(node: LogNode) -> None:
    node.write("SchedLog", event(1), event(2))
    first = node.told()
    assert messages(first) == ["event 1", "event 2"]
    assert [record.time for record in first] == [
        "2026-11-25T01:00:00.001Z",
        "2026-11-25T01:00:00.002Z",
    ]
    assert {(r.node, r.daemon, r.level) for r in first} == {("submit", "SCHEDD", Level.INFO)}
    node.write("SchedLog", event(3))
    assert messages(node.told()) == ["event 3"]
    assert node.told() == []


def test_an_event_waits_for_its_end(node: LogNode) -> None:
    path = node.logs / "SchedLog"
    path.write_text(event(1) + "\n" + event(2)[:-3])
    assert messages(node.told()) == ["event 1"]
    with path.open("a") as log:
        log.write(event(2)[-3:] + "\n")
    assert messages(node.told()) == ["event 2"]


def test_nobody_waits_for_a_writer_that_is_done(node: LogNode) -> None:
    node.write("SchedLog", event(1))
    os.utime(node.logs / "SchedLog", (0, 0))
    node.forwarder.look()
    assert messages(node.taken()) == ["event 1"]


def test_positions_are_bytes_of_the_file(node: LogNode) -> None:
    lines = [event(1, "für"), event(2), event(3)]
    node.write("SchedLog", *lines)
    positions = [record.position for record in node.told()]
    assert [p.offset for p in positions if p] == [
        0,
        len(lines[0].encode()) + 1,
        len(lines[0].encode()) + len(lines[1]) + 2,
    ]
    assert len({p.file for p in positions if p}) == 1


@pytest.mark.parametrize("names", ["old", "times", "numbers"])
def test_rotation_is_followed(node: LogNode, names: str) -> None:
    """Several rotations between two looks, and the name of the file that was open changes."""
    node.write("SchedLog", event(1))
    position = node.told()[0].position
    node.write("SchedLog", event(2))
    if names == "old":
        node.rotate("SchedLog", "SchedLog.old")
    elif names == "times":
        node.rotate("SchedLog", "SchedLog.20261125T010000")
        node.write("SchedLog", event(3))
        node.rotate("SchedLog", "SchedLog.20261125T020000")
    else:
        node.rotate("SchedLog", "SchedLog.1")
        node.write("SchedLog", event(3))
        node.rotate("SchedLog.1", "SchedLog.2")
        node.rotate("SchedLog", "SchedLog.1")
    node.write("SchedLog", event(4))
    told = node.told()
    told = sorted(told, key=lambda record: record.time)
    expected = [2, 4] if names == "old" else [2, 3, 4]
    assert messages(told) == [f"event {number}" for number in expected]
    assert position and told[0].position and told[0].position.file == position.file
    assert len({r.position.file for r in told if r.position}) == len(expected)


def test_a_late_writer_of_a_rotated_file_is_heard(node: LogNode) -> None:
    node.write("SchedLog", event(1))
    node.told()
    node.rotate("SchedLog", "SchedLog.20261125T010000")
    node.write("SchedLog", event(2))
    assert messages(node.told()) == ["event 2"]
    node.write("SchedLog.20261125T010000", event(3))
    assert messages(node.told()) == ["event 3"]


def test_after_a_stop_everything_since_is_told(node: LogNode) -> None:
    node.write("SchedLog", event(1))
    node.forwarder.look()
    node.forwarder.finish()
    assert messages(node.taken()) == ["event 1"]
    for number in (2, 3, 4):
        node.write("SchedLog", event(number))
        node.rotate("SchedLog", f"SchedLog.20261125T0{number}0000")
    node.write("SchedLog", event(5))
    node.start()
    assert sorted(messages(node.told())) == [f"event {number}" for number in (2, 3, 4, 5)]


def test_a_kill_before_the_save_repeats_and_loses_nothing(
    node: LogNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.write("SchedLog", event(1), event(2))
    before = node.told()
    node.forwarder.finish()
    monkeypatch.setattr(forward, "_SAVE_INTERVAL_S", 3600.0)
    monkeypatch.setattr(forward, "_SAVE_INTERVAL_IN_LOOK_S", 3600.0)
    node.write("SchedLog", event(3))
    unsaved = node.told()
    node.start()  # the one before is gone, as by SIGKILL
    node.write("SchedLog", event(4))
    again = node.told()
    assert messages(before) == ["event 1", "event 2"]
    assert messages(again) == ["event 3", "event 4"]
    assert again[0] == unsaved[0], "the same line at the same position"


def test_much_is_saved_at_once(node: LogNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a forwarder that is killed again and again gets on."""
    monkeypatch.setattr(forward, "_SAVE_INTERVAL_S", 3600.0)
    monkeypatch.setattr(forward, "_SAVE_INTERVAL_IN_LOOK_S", 3600.0)
    node.write("MasterLog", event(0))
    node.told()
    node.write("SchedLog", *(event(number) for number in range(1000)))
    node.forwarder.look()
    told = len(node.taken())
    assert told >= 999, "the last may go on"
    node.start()
    assert messages(node.told()) == [f"event {number}" for number in range(told, 1000)]


def test_lines_are_counted_once_whatever_is_repeated(
    node: LogNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.write("SchedLog", event(1), event(2, "ERROR: no"))
    node.told()
    node.forwarder.finish()
    monkeypatch.setattr(forward, "_SAVE_INTERVAL_S", 3600.0)
    monkeypatch.setattr(forward, "_SAVE_INTERVAL_IN_LOOK_S", 3600.0)
    node.write("SchedLog", event(3))
    node.told()
    node.start().finish()
    state = load_state(node.state)
    assert state["lines"] == {"SCHEDD": {"INFO": 2, "ERROR": 1}}


def warnings(records: Iterable[LogRecord]) -> list[str]:
    return [r.message for r in records if r.daemon == ROOST and r.level is Level.WARNING]


def test_a_removed_file_is_read_on_and_told_of(node: LogNode) -> None:
    log = (node.logs / "SchedLog").open("a")
    log.write(event(1) + "\n")
    log.flush()
    node.told()
    (node.logs / "SchedLog").unlink()
    log.write(event(2) + "\n")
    log.close()
    told = node.told()
    assert warnings(told) == ["lines of SchedLog may be missing: the file was removed"]
    assert "event 2" in messages(told)
    node.write("SchedLog", event(3))
    assert messages(node.told()) == ["event 3"]


@pytest.mark.parametrize("again", [event(1), event(9)], ids=["the same line", "another line"])
def test_a_truncated_file_is_told_of(node: LogNode, again: str) -> None:
    node.write("SchedLog", event(1), event(2), event(3))
    before = {record.position for record in node.told()}
    os.truncate(node.logs / "SchedLog", 0)
    assert warnings(node.told()) == ["lines of SchedLog may be missing: the file was truncated"]
    node.write("SchedLog", again, event(10))
    told = node.told()
    assert messages(told)[-1] == "event 10"
    assert len(told) == 2
    assert not before & {record.position for record in told}, "new lines look new"
    node.forwarder.finish()
    node.start()
    node.write("SchedLog", event(11))
    assert messages(node.told()) == ["event 11"]


@pytest.mark.parametrize("there", [True, False], ids=["newer files", "no file"])
def test_a_gap_after_a_long_stop_is_told_of(node: LogNode, there: bool) -> None:
    node.write("SchedLog", event(1))
    node.told()
    node.forwarder.finish()
    (node.logs / "SchedLog").unlink()
    if there:
        node.write("SchedLog", event(2))
    node.start()
    told = node.told()
    assert warnings(told) == ["lines of SchedLog may be missing: the file read last is gone"]
    assert ("event 2" in messages(told)) is there
    node.forwarder.finish()
    node.start()
    assert node.told() == [], "it is told once"


def test_only_two_files_of_a_log_stay_open(node: LogNode) -> None:
    for number in range(1, 6):
        node.write("SchedLog", event(number))
        node.told()
        node.rotate("SchedLog", f"SchedLog.20261125T0{number}0000")
        node.told()
    node.write("SchedLog", event(6))
    assert messages(node.told()) == ["event 6"]
    opened = [fd.resolve() for fd in Path("/proc/self/fd").iterdir()]
    assert sum(path.parent == node.logs for path in opened) == 2


def test_a_rotated_file_may_be_removed(node: LogNode) -> None:
    node.write("SchedLog", event(1))
    node.told()
    node.rotate("SchedLog", "SchedLog.old")
    node.write("SchedLog", event(2))
    node.told()
    (node.logs / "SchedLog.old").unlink()
    node.write("SchedLog", event(3))
    assert messages(node.told()) == ["event 3"]
    node.forwarder.finish()
    node.start()
    assert node.told() == []


@pytest.mark.parametrize("text", ["[", "[]", '{"files": []}'])
def test_a_damaged_state_is_told_of(node: LogNode, text: str) -> None:
    node.state.write_text(text)
    node.write("SchedLog", event(1))
    node.start()
    told = node.told()
    assert warnings(told)[0].startswith("lines may be repeated: ")
    assert "event 1" in messages(told)


def test_a_state_that_cannot_be_saved_is_told_of_once(node: LogNode) -> None:
    node.state.mkdir()
    (node.state / "occupied").touch()
    node.start()
    for number in range(3):
        node.write("SchedLog", event(number))
        node.forwarder.finish()
    told = node.taken()
    assert [m for m in messages(told) if m.startswith("event")] == ["event 0", "event 1", "event 2"]
    assert sum("will be repeated" in message for message in warnings(told)) == 1


def test_what_is_no_file_is_left_alone(node: LogNode, tmp_path: Path) -> None:
    """The daemons' account could link a file that it may not read itself."""
    (tmp_path / "secret").write_text(event(1) + "\n")
    (node.logs / "LinkLog").symlink_to(tmp_path / "secret")
    (node.logs / "DirectoryLog").mkdir()
    os.mkfifo(node.logs / "PipeLog")
    assert node.told() == []


def test_no_directory_yet(tmp_path: Path) -> None:
    forwarder = Forwarder(tmp_path / "log", tmp_path / "state", Output(1, "submit", LogFormat.TEXT))
    assert not forwarder.look()


def test_an_idle_look_opens_nothing(node: LogNode, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SchedLog", "ShadowLog", "ToolLog"):
        node.write(name, event(1))
    os.utime(node.logs, (0, 0))
    node.told()

    def forbidden(*_arguments: object) -> None:
        raise AssertionError

    monkeypatch.setattr(os, "open", forbidden)
    monkeypatch.setattr(os, "scandir", forbidden)
    assert not node.forwarder.look()


def test_a_reader_that_waits_makes_the_forwarder_wait(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    node = LogNode(tmp_path)
    os.dup2(writer, node.descriptor)
    os.close(writer)
    node.write("SchedLog", *(event(number) for number in range(5000)))

    def forward_all() -> None:
        node.forwarder.finish()
        os.close(node.descriptor)

    thread = threading.Thread(target=forward_all)
    thread.start()
    with os.fdopen(reader, "rb") as pipe:
        assert pipe.read(1)
        assert thread.is_alive(), "the pipe is full"
        lines = pipe.read().count(b"\n")
    thread.join()
    assert lines == 5000


FAST_WRITER = """
import os, sys
from pathlib import Path
from roost.logline import LogFormat
from roost.node.logs.forward import Forwarder
from roost.node.logs.output import Output
from roost.node.logs.state import load_state
directory = Path(sys.argv[1])
sink = os.open("/dev/null", os.O_WRONLY)
forwarder = Forwarder(directory, directory.parent / "state", Output(sink, "n", LogFormat.TEXT))
def memory():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
forwarder.look()
before = memory()
big = b"2026-11-25T01:00:00.001 (pid:1) (D_ALWAYS) " + b"x" * 200 + b"\\n"
with (directory / "SchedLog").open("ab") as log:
    log.write(big * 20_000)
    log.write(b"y" * 10_000_000)
forwarder.look()
forwarder.finish()
print(memory() - before)
"""


def test_memory_is_bounded_however_fast_a_daemon_writes(tmp_path: Path) -> None:
    logs = tmp_path / "log"
    logs.mkdir()
    (logs / "SchedLog").write_text(event(1) + "\n")
    done = subprocess.run(
        [sys.executable, "-c", FAST_WRITER, str(logs)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 5_000_000, "of 15 MB written at once"
