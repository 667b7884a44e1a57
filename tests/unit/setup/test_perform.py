"""Doing what was planned, against a scripted host."""

from __future__ import annotations

import dataclasses

import pytest

from roost.errors import EngineUnavailableError
from roost.events import Phase, Recorder
from roost.setup import dockerd
from roost.setup.facts import EngineState
from roost.setup.managers import APT, DNF
from roost.setup.perform import commands_of, holder, perform
from roost.setup.plan import Action, Install, Run, StartDockerd
from roost.setup.run import Outcome
from tests.unit.setup.scripted import ScriptedRunner

INSTALL = Install(APT, ("docker.io",), ("docker-cli", "no-such-package"))
LOCKED = Outcome(
    100, "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 42 (apt)"
)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roost.waiting.time.sleep", lambda _seconds: None)


def do(action: Action, runner: ScriptedRunner) -> Recorder:
    recorder = Recorder()
    perform(action, runner, lambda _engine: EngineState.READY, recorder)
    return recorder


def test_packages_are_refreshed_and_installed_as_far_as_they_are_known() -> None:
    runner = ScriptedRunner(("show --quiet no-such-package", Outcome(100, "E: No packages found")))
    recorder = do(INSTALL, runner)
    assert runner.ran("apt-get update") == 1
    assert runner.commands[-1].endswith("--no-install-recommends docker.io docker-cli")
    assert "DEBIAN_FRONTEND=noninteractive" in runner.commands[-1]
    assert recorder.done_steps() == ["install docker.io with apt"]


def test_lists_that_are_fresh_are_not_refreshed() -> None:
    action = dataclasses.replace(INSTALL, refresh=False)
    runner = ScriptedRunner()
    do(action, runner)
    assert runner.ran("apt-get update") == 0
    assert commands_of(action) == [
        ("apt-get", "install", "--yes", "--no-install-recommends", "docker.io")
    ]


def test_dnf_brings_its_lists_up_to_date_by_itself() -> None:
    runner = ScriptedRunner()
    do(Install(DNF, ("podman",)), runner)
    assert runner.commands == ["env LC_ALL=C dnf install --assumeyes podman"]


def test_a_lock_that_another_package_manager_holds_is_waited_for_and_told() -> None:
    runner = ScriptedRunner(("apt-get install", LOCKED), ("apt-get install", LOCKED))
    recorder = do(INSTALL, runner)
    assert runner.ran("apt-get install") == 3
    told = [event.detail for event in recorder.events if event.phase is Phase.PROGRESS]
    assert told.count("waiting until process 42 (apt) is done") == 2


def test_the_holder_of_a_lock_may_be_unknown() -> None:
    assert holder("E: Unable to lock directory /var/lib/apt/lists/") == "another package manager"
    assert holder("It is held by process 7") == "process 7"


def test_an_interrupted_installation_is_finished_first() -> None:
    interrupted = Outcome(100, "E: dpkg was interrupted, you must manually run 'dpkg --configure'")
    runner = ScriptedRunner(("apt-get install", interrupted))
    do(INSTALL, runner)
    assert [runner.ran("apt-get install"), runner.ran("dpkg --configure --pending")] == [2, 1]


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        ("E: Unable to locate package docker.io", "enable its full archive"),
        ("E: Failed to fetch http://mirror/x  Could not connect", "check the network"),
        ("dpkg: error: No space left on device", "make room"),
        ("sudo: a password is required", "as root"),
    ],
)
def test_a_failure_has_the_words_of_the_command_and_its_mend(words: str, mend: str) -> None:
    runner = ScriptedRunner(("apt-get install", Outcome(100, words)))
    with pytest.raises(EngineUnavailableError) as caught:
        do(INSTALL, runner)
    assert words in caught.value.message
    assert caught.value.hint is not None
    assert mend in caught.value.hint


def test_a_package_may_be_unknown_because_its_list_could_not_be_fetched() -> None:
    runner = ScriptedRunner(
        ("apt-get update", Outcome(0, "W: Failed to fetch http://mirror/dists/x")),
        ("apt-get install", Outcome(100, "E: Package 'docker.io' has no installation candidate")),
    )
    with pytest.raises(EngineUnavailableError, match="check the network"):
        do(INSTALL, runner)


def test_an_unknown_failure_has_no_made_up_mend() -> None:
    action = Run("start Docker with systemd", ("systemctl", "enable", "--now", "docker.service"))
    with pytest.raises(EngineUnavailableError, match="could not start Docker") as caught:
        do(action, ScriptedRunner(("systemctl", Outcome(1, "Job failed"))))
    assert caught.value.hint is None


def test_dockerd_is_started_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dockerd, "is_running", lambda _pid_file: False)
    states = iter([EngineState.STOPPED, EngineState.STOPPED, EngineState.READY])
    runner = ScriptedRunner()
    perform(StartDockerd(), runner, lambda _engine: next(states), Recorder())
    assert runner.commands == [" ".join(dockerd.START_DOCKERD)]
    assert next(states, None) is None


def test_the_commands_shown_are_the_commands_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dockerd, "is_running", lambda _pid_file: False)
    for action in (Install(APT, ("docker.io",)), Install(DNF, ("podman",)), StartDockerd()):
        runner = ScriptedRunner()
        do(action, runner)
        shown = [" ".join(command) for command in commands_of(action)]
        ran = [command for command in runner.commands if "show" not in command]
        for command, words in zip(ran, shown, strict=True):
            assert command.endswith(words)
