"""Commands that run something inside a node or as a job."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from roost.cli import inside
from roost.engines.fake import FakeEngine
from roost.engines.protocol import Container, ExecResult, StreamName
from roost.errors import JobHeldError
from roost.pool import Pool
from roost.pool.jobs.results import ProcessResult, RunResult
from tests.unit.cli.conftest import Roost
from tests.unit.cli.fakepool import FakePool


@pytest.fixture(autouse=True)
def a_pool(roost: Roost) -> None:
    roost("up", "-n", "1")


def answer(_container: Container, argv: Sequence[str]) -> ExecResult:
    return ExecResult(7, b"\x00out\n", " ".join(argv).encode())


def test_exec_passes_output_and_code(roost: Roost, pool: FakePool) -> None:
    pool.answers["condor_q"] = answer
    result = roost("exec", "submit", "--", "condor_q", "-all", "--", "-x")
    assert result.exit_code == 7
    assert result.stdout_bytes == b"\x00out\n"
    assert result.stderr == "condor_q -all -- -x"


def test_exec_names_the_nodes_that_are_there(roost: Roost) -> None:
    result = roost("exec", "execute-9", "--", "true")
    assert result.exit_code == 1
    assert "it has execute-1, master, submit" in result.stderr


def test_input_goes_through_the_client_of_the_engine(
    roost: Roost, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    def run(argv: list[str], *, check: bool) -> Any:
        ran.append(argv)
        return subprocess.CompletedProcess(argv, 3)

    monkeypatch.setattr(inside, "has_input", lambda: True)
    monkeypatch.setattr("roost.cli.inside.shutil.which", lambda _name: "/usr/bin/fake")
    monkeypatch.setattr("roost.cli.inside.subprocess.run", run)
    assert roost("exec", "-u", "roost", "submit", "--", "cat", "-n").exit_code == 3
    assert roost("shell").exit_code == 3
    assert roost("shell", "execute-1").exit_code == 3
    assert ran == [
        engine.interactive_argv("roost-submit", ["cat", "-n"], user="roost", tty=False),
        engine.interactive_argv("roost-submit", ["bash", "-l"], user="roost", tty=False),
        engine.interactive_argv("roost-execute-1", ["bash", "-l"], user="root", tty=False),
    ]


def test_input_without_a_client_is_refused(roost: Roost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "has_input", lambda: True)
    monkeypatch.setattr("roost.cli.inside.shutil.which", lambda _name: None)
    result = roost("exec", "submit", "--", "cat")
    assert result.exit_code == 1
    assert "the program `fake` is not there" in result.stderr


class Runs:
    """Stands for ``Pool.run``: keeps what it was asked, and ends as it is told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: dict[str, Any] = {}
        self.codes = [0]
        self.error: BaseException | None = None
        monkeypatch.setattr(Pool, "run", self.run)

    def run(self, argv: Sequence[str], *, on_output: Any, **asked: Any) -> RunResult:
        self.asked = {"argv": list(argv), **asked}
        for number in range(len(self.codes)):
            on_output(StreamName.STDOUT, number, b"out\n")
            on_output(StreamName.STDERR, number, b"err")
        if self.error:
            raise self.error
        processes = [ProcessResult(n, code, "execute-1") for n, code in enumerate(self.codes)]
        return RunResult(1, tuple(processes))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    return Runs(monkeypatch)


def test_run_passes_everything_on(roost: Roost, runs: Runs) -> None:
    options = "-i a -i b -o c --cpus 2 --memory 2GB --disk 1GB -e A=1 --env B=x=y"
    roost("run", *shlex.split(options), "--", "prog", "-x", "--", "--count", "3")
    assert runs.asked == {
        "argv": ["prog", "-x", "--", "--count", "3"],
        "count": 1,
        "inputs": ("a", "b"),
        "outputs": ("c",),
        "cpus": 2,
        "memory": "2GB",
        "disk": "1GB",
        "env": {"A": "1", "B": "x=y"},
    }


def test_run_without_dashes_takes_all_after_the_command(roost: Roost, runs: Runs) -> None:
    roost("run", "python3", "-c", "pass", "--count", "3")
    assert runs.asked["argv"] == ["python3", "-c", "pass", "--count", "3"]


def test_run_adds_nothing_to_the_output_of_the_job(roost: Roost, runs: Runs) -> None:
    runs.codes = [7]
    result = roost("run", "--", "prog")
    assert (result.exit_code, result.stdout, result.stderr) == (7, "out\n", "err")


def test_run_of_many_marks_lines_and_ends_with_the_highest_code(roost: Roost, runs: Runs) -> None:
    runs.codes = [0, 137, 2]
    result = roost("run", "--count", "3", "--", "prog")
    assert result.exit_code == 137
    assert result.stdout == "0| out\n1| out\n2| out\n"
    assert result.stderr == "0| err\n1| err\n2| err\n"
    assert roost("run", "--count", "3", "--no-prefix", "--", "prog").stdout == "out\n" * 3


def test_run_of_a_job_that_is_held(roost: Roost, runs: Runs) -> None:
    runs.error = JobHeldError("job 1.0 was put on hold: no such luck")
    result = roost("run", "--", "prog")
    assert result.exit_code == 122
    assert "Error: job 1.0 was put on hold: no such luck" in result.stderr


def test_interrupted_run_says_that_the_job_is_gone(roost: Roost, runs: Runs) -> None:
    runs.error = KeyboardInterrupt()
    result = roost("run", "--", "prog")
    assert result.exit_code == 130
    assert "Interrupted: the job was removed; the pool goes on." in result.stderr


def test_run_without_a_pool_names_up(roost: Roost) -> None:
    roost("down", "--yes")
    result = roost("run", "--", "true")
    assert result.exit_code == 1
    assert "`roost up`" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(roost: Roost, shell: str) -> None:
    result = roost("completion", shell)
    assert result.exit_code == 0
    assert "_ROOST_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("roost st", ["status"]),
        ("roost exec ex", ["execute-1"]),
        ("roost status --pool ro", ["roost"]),
        ("roost status --pool x", []),
        ("roost exec --pool nosuch ", []),
        ("roost token li", ["list"]),
        ("roost token --json li", ["list"]),
        ("roost token --pool ro", ["roost"]),
        ("roost images --js", ["--json"]),
        ("roost images --po", []),
        ("roost images sbom --js", ["--json"]),
    ],
)
def test_shells_complete_commands_nodes_and_pools(
    roost: Roost,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    completions: list[str],
) -> None:
    monkeypatch.setattr("roost.engines.detect.open_engine", lambda *_: engine)
    count = len(words.split(" ")) - 1
    result = roost(
        env={"_ROOST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)}
    )
    told = [line.partition(",")[2] for line in result.stdout.split()]
    assert told == completions
