"""Whatever happens, ``roost`` ends with one message and the right exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from roost.cli import enter
from roost.cli.ending import EXIT_SIGPIPE
from roost.cli.signals import ENDING
from roost.engines.fake import Failure, FakeEngine
from roost.engines.protocol import Container
from roost.errors import EngineError, ExitCode, ImageBuildError, WaitTimeoutError
from tests.unit.cli.conftest import Roost


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ups"], ["there is no command 'ups'", "did you mean `roost up`?"]),
        (["bogus"], ["there is no command 'bogus'.\n"]),
        (["frobnicate"], ["there is no command 'frobnicate'"]),
        (["up", "--executers", "3"], ["--executers", "--executors"]),
        (["up", "surplus"], ["surplus"]),
        (["--engine", "lxc", "status"], ["'lxc'", "docker", "podman"]),
        (["--json", "exec", "submit", "--", "true"], ["`roost exec` has no --json"]),
        (["exec", "submit"], ["CMD"]),
        (["exec", "submit", "--"], ["no command after"]),
        (["run"], ["CMD"]),
        (["run", "--count", "0", "--", "true"], ["0 is not in the range"]),
        (["run", "--env", "NOVALUE", "--", "true"], ["'NOVALUE' is not KEY=VALUE"]),
        (["completion", "tcsh"], ["bash", "zsh", "fish"]),
    ],
)
def test_wrong_usage_is_2_and_says_what_is_right(
    roost: Roost, engine: FakeEngine, arguments: list[str], words: list[str]
) -> None:
    result = roost(*arguments)
    assert (result.exit_code, result.stdout) == (ExitCode.USAGE, "")
    assert result.stderr.startswith("Error: ")
    assert "--help` shows what it takes" in result.stderr
    assert all(word in result.stderr for word in words)
    assert engine.calls == []


def test_an_error_of_ours_has_a_hint_and_no_traceback(roost: Roost) -> None:
    result = roost("status")
    assert result.exit_code == ExitCode.FAILED
    assert result.stderr == (
        "Error: there is no pool 'roost' on fake\n"
        "Hint: there is none yet; make one with `roost up`\n"
    )


@pytest.mark.parametrize("arguments", [("-v", "status"), ("status", "-v")])
def test_verbose_adds_the_traceback(roost: Roost, arguments: tuple[str, ...]) -> None:
    result = roost(*arguments)
    assert result.exit_code == ExitCode.FAILED
    assert result.stderr.startswith("Traceback")
    assert "Error: there is no pool" in result.stderr


def test_an_unexpected_error_is_a_bug_to_report(roost: Roost, engine: FakeEngine) -> None:
    engine.failure = Failure(at=1, error=ZeroDivisionError("by zero"))
    result = roost("status")
    assert result.exit_code == ExitCode.FAILED
    assert "ZeroDivisionError: by zero" in result.stderr
    assert "report it" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "error",
    [
        ImageBuildError("it broke", log_tail="line one\nline two"),
        WaitTimeoutError("it broke", last_seen="line one\nline two"),
    ],
)
def test_evidence_is_shown(roost: Roost, engine: FakeEngine, error: Exception) -> None:
    engine.failure = Failure(at=1, error=error)
    result = roost("status")
    assert result.stderr == "Error: it broke\n  | line one\n  | line two\n"


def test_a_failed_build_shows_its_log(roost: Roost, engine: FakeEngine) -> None:
    def fail(_spec: object, tell: object) -> None:
        raise ImageBuildError("cannot build", hint="mend it", log_tail="E: no such package")

    engine._on_build = fail
    result = roost("build")
    assert result.exit_code == ExitCode.FAILED
    assert "  | E: no such package\n" in result.stderr
    assert result.stderr.endswith("Hint: mend it\n")


@pytest.mark.parametrize("at", [2, 8, 20])
def test_interrupted_up_says_how_to_go_on(roost: Roost, engine: FakeEngine, at: int) -> None:
    engine.failure = Failure(at=at, error=KeyboardInterrupt())
    result = roost("up", "--pool", "lab")
    assert result.exit_code == ExitCode.INTERRUPTED
    assert "the same command continues, `roost down --pool lab` removes it" in result.stderr
    engine.failure = None
    assert roost("up", "--pool", "lab").exit_code == 0


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_as_ctrl_c_does(
    roost: Roost, engine: FakeEngine, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    engine.list_containers = lambda _labels: os.kill(os.getpid(), number)  # type: ignore
    result = roost("status")
    assert result.exit_code == 128 + number
    assert "Traceback" not in result.stderr
    assert signal.getsignal(number) is before


def test_a_signal_that_is_ignored_stays_so(roost: Roost, engine: FakeEngine) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        look = engine.list_containers

        def hang_up(labels: Mapping[str, str | None]) -> list[Container]:
            os.kill(os.getpid(), signal.SIGHUP)
            return look(labels)

        engine.list_containers = hang_up  # type: ignore[method-assign]
        assert roost("ls").exit_code == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_closed_pipe_is_silent(roost: Roost, engine: FakeEngine) -> None:
    engine.failure = Failure(at=1, error=BrokenPipeError())
    result = roost("status")
    assert (result.exit_code, result.output) == (EXIT_SIGPIPE, "")


def test_no_engine_says_how_to_get_one(roost: Roost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("roost.engines.detect.DOCKER_SOCKET", "/nowhere/docker.sock")
    monkeypatch.setattr("roost.engines.detect.PODMAN_SOCKET", "/nowhere/podman.sock")
    monkeypatch.setattr("roost.engines.detect._has_program", lambda *_: False)
    for name in ("DOCKER_HOST", "CONTAINER_HOST", "XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.delenv(name, raising=False)
    result = roost("ls", engine=None)
    assert result.exit_code == ExitCode.FAILED
    assert "there is no container engine on this machine" in result.stderr
    assert "roost setup" in result.stderr


def test_an_engine_error_is_passed_on(roost: Roost, engine: FakeEngine) -> None:
    engine.failure = Failure(at=1, error=EngineError("the engine said no", hint="ask nicely"))
    assert roost("ls").stderr == "Error: the engine said no\nHint: ask nicely\n"


@pytest.mark.parametrize(
    ("redirection", "code", "words"),
    [(">&-", 0, ""), ("> /dev/full", 1, "nothing more can be written: No space left on device")],
)
def test_an_output_that_takes_nothing(redirection: str, code: int, words: str) -> None:
    line = f"{Path(sys.executable).with_name('roost')} --help {redirection}"
    buffered = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=False, env=buffered
    )
    assert done.returncode == code
    assert words in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "should not have happened" not in done.stderr


def test_ctrl_c_while_the_program_loads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted:
        def find_spec(self, name: str, *_rest: object) -> None:
            if name == "roost.cli.main":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "roost.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        enter()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "Interrupted: nothing was changed.\n"
