"""Running commands of the host."""

from __future__ import annotations

import time

import pytest

from roost.setup.run import TAIL_LINES, Outcome, run_command, runner


def test_output_is_told_line_by_line_and_its_end_is_kept() -> None:
    lines: list[str] = []
    outcome = run_command(["sh", "-c", "seq 30; echo; echo end >&2; exit 3"], lines.append)
    assert lines == [*map(str, range(1, 31)), "end"]
    assert outcome.exit_code == 3
    assert outcome.tail.splitlines() == lines[-TAIL_LINES:]
    assert not outcome.ok


def test_a_program_that_is_not_there_is_an_outcome() -> None:
    assert run_command(["/no/such/program"], print) == Outcome(
        127, "/no/such/program: No such file or directory"
    )


def test_commands_run_with_the_rights_they_need() -> None:
    lines: list[str] = []
    assert runner(["echo", "as root:"])(["apt-get", "update"], lines.append).ok
    assert lines == ["as root: apt-get update"]


def test_the_administrators_programs_are_found() -> None:
    lines: list[str] = []
    run_command(["sh", "-c", "echo $PATH"], lines.append)
    assert "/usr/sbin" in lines[0].split(":")


def test_no_command_waits_for_an_answer_that_nobody_gives() -> None:
    assert run_command(["cat"], print).ok


def test_an_interrupted_command_is_told_and_waited_for() -> None:
    lines: list[str] = []

    def interrupt(line: str) -> None:
        lines.append(line)
        raise KeyboardInterrupt

    program = "trap 'sleep 0.2; exit 0' INT; echo busy; while :; do sleep 0.05; done"
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_command(["bash", "-c", program], interrupt)
    assert lines == ["busy"]
    assert 0.2 <= time.monotonic() - started < 10


def test_a_program_of_roots_is_told_by_the_terminal_and_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError

    def interrupt(_line: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("subprocess.Popen.send_signal", refuse)
    with pytest.raises(KeyboardInterrupt):
        run_command(["sh", "-c", "echo busy; exec sleep 0.1"], interrupt)
