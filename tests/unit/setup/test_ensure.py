"""The whole recipe on hosts that are not there."""

from __future__ import annotations

import dataclasses

import pytest

from roost.errors import EngineUnavailableError
from roost.events import Phase, Recorder
from roost.setup import SetupResult, ensure_engine
from roost.setup.ensure import Means, carry_out
from roost.setup.facts import EngineState
from roost.setup.run import Outcome
from tests.unit.setup.hosts import DENIED, READY, STOPPED, debian, fedora
from tests.unit.setup.scripted import ScriptedRunner


class Host:
    """Collects what setup does; the engine answers once ``state`` says so."""

    def __init__(self, *script: tuple[str, Outcome], agrees: bool = True) -> None:
        self.runner = ScriptedRunner(*script)
        self.agrees = agrees
        self.state = EngineState.READY
        self.questions: list[str] = []
        self.recorder = Recorder()

    def means(self) -> Means:
        return Means(self.runner, self.probe, self.describe, self.confirm, self.recorder)

    def probe(self, _engine: str) -> EngineState:
        return self.state

    def describe(self, engine: str) -> str:
        return f"{engine} 1.0"

    def confirm(self, question: str) -> bool:
        self.questions.append(question)
        return self.agrees

    def notes(self) -> list[str]:
        return [event.detail for event in self.recorder.events if event.phase is Phase.NOTE]


def test_nothing_is_asked_or_done_where_all_is_there() -> None:
    host = Host()
    facts = debian(programs=["mmdebstrap"], docker=READY)
    assert carry_out(facts, None, host.means()) == SetupResult("docker", "docker 1.0")
    assert host.questions == []
    assert host.runner.commands == []
    assert host.recorder.events == []


def test_an_engine_is_installed_and_started_after_one_question() -> None:
    host = Host()
    result = carry_out(debian(systemd=True), None, host.means())
    assert result == SetupResult(
        "docker",
        "docker 1.0",
        (
            "install docker.io ca-certificates with apt",
            "start Docker with systemd",
            "install mmdebstrap debian-archive-keyring gpg with apt",
        ),
    )
    (question,) = host.questions
    assert "apt-get install --yes --no-install-recommends docker.io" in question
    assert "systemctl enable --now docker.service" in question
    assert host.recorder.done_steps() == list(result.done)


def test_declining_changes_nothing_and_tells_the_commands() -> None:
    host = Host(agrees=False)
    with pytest.raises(EngineUnavailableError, match="nothing was changed") as caught:
        carry_out(fedora(), None, host.means())
    assert host.runner.commands == []
    assert caught.value.hint is not None
    assert "dnf install --assumeyes podman && systemctl enable" in caught.value.hint


def test_without_root_and_sudo_the_commands_are_told() -> None:
    host = Host()
    facts = debian(user="ann", is_root=False, docker=STOPPED)
    with pytest.raises(EngineUnavailableError, match="ann is not root and there is no sudo"):
        carry_out(facts, None, host.means())
    assert host.questions == []


def test_with_sudo_the_question_shows_it() -> None:
    host = Host()
    facts = debian(programs=["sudo", "mmdebstrap"], user="ann", is_root=False, docker=DENIED)
    carry_out(facts, None, host.means())
    assert "sudo usermod -aG docker ann" in host.questions[0]


def test_what_only_helps_may_be_declined() -> None:
    host = Host(agrees=False)
    result = carry_out(debian(docker=READY), None, host.means())
    assert result.ready
    assert result.done == ()
    assert host.notes()[0].startswith("left out: install mmdebstrap")


def test_what_only_helps_may_fail() -> None:
    host = Host(("mmdebstrap", Outcome(100, "E: Unable to locate package mmdebstrap")))
    result = carry_out(debian(docker=READY), None, host.means())
    assert result == SetupResult("docker", "docker 1.0")
    assert "Unable to locate package" in host.notes()[0]


def test_what_is_needed_may_not_fail() -> None:
    host = Host(("docker.io", Outcome(100, "E: broken")))
    with pytest.raises(EngineUnavailableError, match="E: broken"):
        carry_out(debian(), None, host.means())
    assert host.runner.ran("dockerd") == 0


def test_new_rights_need_a_new_login() -> None:
    host = Host()
    host.state = EngineState.DENIED
    facts = debian(programs=["sudo", "mmdebstrap"], user="ann", is_root=False, docker=DENIED)
    result = carry_out(facts, None, host.means())
    assert not result.ready
    assert len(result.done) == 1


def test_an_engine_that_was_made_to_run_and_does_not_answer_is_an_error() -> None:
    def silent(engine: str) -> str:
        raise EngineUnavailableError(f"{engine} does not answer")

    means = dataclasses.replace(Host().means(), describe=silent)
    with pytest.raises(EngineUnavailableError, match="podman does not answer"):
        carry_out(fedora(), None, means)


def test_a_docker_host_that_nobody_serves_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    with pytest.raises(EngineUnavailableError, match="DOCKER_HOST names"):
        ensure_engine("docker", confirm=lambda _question: False, report=Recorder())
