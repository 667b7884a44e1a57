"""Running a command of the host to its end, with its output line by line."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from roost.setup.facts import search_path

TAIL_LINES = 20
_GRACE_S = 60.0
"""How long an interrupted package manager may take to stop between two packages."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended; ``tail`` holds the last lines of its output."""

    exit_code: int
    tail: str

    @property
    def ok(self) -> bool:
        """It ended well."""
        return self.exit_code == 0


Runner = Callable[[Sequence[str], Callable[[str], None]], Outcome]
"""Runs a command as root and tells each line of its output."""


def runner(as_root: Sequence[str]) -> Runner:
    """A runner that puts ``as_root`` (nothing, or ``sudo``) before each command."""

    def run(command: Sequence[str], on_line: Callable[[str], None]) -> Outcome:
        return run_command([*as_root, *command], on_line)

    return run


def run_command(command: Sequence[str], on_line: Callable[[str], None]) -> Outcome:
    """Run a command to its end.

    On Ctrl-C it is told too, and waited for: apt and dnf stop between two packages and leave
    nothing half-installed, if they are given the time.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "PATH": search_path()},
        )
    except OSError as error:
        return Outcome(127, f"{command[0]}: {error.strerror}")
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    assert process.stdout is not None
    try:
        with process.stdout:
            for line in process.stdout:
                if text := line.strip():
                    tail.append(text)
                    on_line(text)
        return Outcome(process.wait(), "\n".join(tail))
    except BaseException:
        _interrupt(process)
        raise


def _interrupt(process: subprocess.Popen[str]) -> None:
    with suppress(PermissionError):  # sudo is root's; the terminal has told it already
        process.send_signal(signal.SIGINT)
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        with suppress(PermissionError):
            process.kill()
            process.wait()
