"""The bell: rings are heard at once, whatever becomes of the log, and a storm costs little."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from roost.node.door.bell import Bell

DENIED = "2026-11-28T04:14:45 (pid:19) (D_ALWAYS) DC_AUTHENTICATE: Command not authorized, done!\n"


class Answers:
    """Answers that have ended when they are looked at next."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> subprocess.Popen[bytes]:
        self.count += 1
        process = subprocess.Popen(["true"])
        process.wait()
        return process


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "CollectorLog"


def write(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_it_looks_once_at_its_start_and_then_at_rings_alone(log: Path, answers: Answers) -> None:
    bell = Bell(log, answers)
    bell.step(0.0)
    assert answers.count == 1, "somebody may have rung before"
    write(log, "nothing of interest\n")
    bell.step(100.0)
    assert answers.count == 1
    write(log, DENIED)
    bell.step(101.0)
    assert answers.count == 2
    bell.step(200.0)
    assert answers.count == 2


def test_a_log_that_was_rotated_or_cut(log: Path, answers: Answers) -> None:
    bell = Bell(log, answers)
    write(log, DENIED * 3)
    bell.step(0.0)
    log.rename(log.with_suffix(".old"))
    write(log, DENIED)
    bell.step(100.0)
    log.write_text("")
    bell.step(200.0)
    write(log, DENIED)
    bell.step(300.0)
    assert answers.count == 3


def test_a_storm_is_answered_now_and_then(log: Path, answers: Answers) -> None:
    bell = Bell(log, answers)
    for second in range(600):
        write(log, DENIED)
        bell.step(float(second))
    assert 40 <= answers.count <= 46, "every 15 s, once it has gone on for a while"
