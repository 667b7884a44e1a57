"""Docker's daemon without an init system: its process and its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.errors import EngineUnavailableError
from roost.setup import dockerd
from roost.setup.facts import EngineState
from roost.setup.run import Outcome
from tests.unit.setup.scripted import ScriptedRunner


def test_a_daemon_is_known_by_its_pid_file_and_its_name(tmp_path: Path) -> None:
    pid_file, process = tmp_path / "docker.pid", tmp_path / "17"
    assert not dockerd.is_running(pid_file, tmp_path)
    pid_file.write_text("17\n")
    assert not dockerd.is_running(pid_file, tmp_path)
    process.mkdir()
    (process / "comm").write_text("dockerd\n")
    assert dockerd.is_running(pid_file, tmp_path)
    (process / "comm").write_text("bash\n")  # the number went to another process
    assert not dockerd.is_running(pid_file, tmp_path)
    pid_file.write_text("")
    assert not dockerd.is_running(pid_file, tmp_path)


def test_only_what_came_later_is_read_from_the_log(tmp_path: Path) -> None:
    log = tmp_path / "dockerd.log"
    log.write_text("old\nnew é\n")
    assert dockerd.read_since(log, 4) == "new é\n"
    assert dockerd.read_since(tmp_path / "none", 0) == ""


def test_a_daemon_that_gives_up_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "dockerd.log"
    log.write_text("failed to start daemon: an earlier time\n")
    monkeypatch.setattr(dockerd, "LOG", log)
    monkeypatch.setattr(dockerd, "PID_FILE", tmp_path / "docker.pid")

    class Failing(ScriptedRunner):
        def __call__(self, *_call: object) -> Outcome:
            with log.open("a") as file:
                file.write("failed to start daemon: Devices cgroup isn't mounted\n")
            return Outcome(0, "")

    with pytest.raises(EngineUnavailableError, match="Devices cgroup") as caught:
        dockerd.start_dockerd(Failing(), lambda _engine: EngineState.STOPPED, lambda _detail: None)
    assert "an earlier time" not in caught.value.message
    assert caught.value.hint == f"see {log}"


def test_of_two_that_were_started_at_once_one_gives_up_and_the_other_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "dockerd.log"
    running = iter([False, True])
    states = iter([EngineState.STOPPED, EngineState.READY])
    monkeypatch.setattr(dockerd, "LOG", log)
    monkeypatch.setattr(dockerd, "is_running", lambda _pid_file: next(running))

    class Failing(ScriptedRunner):
        def __call__(self, *_call: object) -> Outcome:
            log.write_text("failed to start daemon: pid file found\n")
            return Outcome(0, "")

    dockerd.start_dockerd(Failing(), lambda _engine: next(states), lambda _detail: None)
    assert next(states, None) is None


def test_a_daemon_that_runs_is_not_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dockerd, "is_running", lambda _pid_file: True)
    runner = ScriptedRunner()
    told: list[str] = []
    dockerd.start_dockerd(runner, lambda _engine: EngineState.DENIED, told.append)
    assert runner.commands == []
    assert told == ["it runs already"]
