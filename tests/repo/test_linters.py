"""The linters, for people and machines alike: ``make lint`` runs these."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SHELL_PROGRAM = 12
"""Lines. What is longer than this is written in Python, where it is typed and tested."""


def run(*argv: str) -> None:
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(argv)}\n{done.stdout}{done.stderr}"


def tracked_files() -> Iterator[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return (path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def shell_programs() -> list[Path]:
    return [path for path in tracked_files() if is_shell(path)]


def is_shell(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(80)
    return path.suffix == ".sh" or (first.startswith(b"#!") and first.rstrip().endswith(b"sh"))


def shell_code(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_ruff_finds_nothing() -> None:
    run(sys.executable, "-m", "ruff", "check", ".")


def test_the_code_is_formatted() -> None:
    run(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_types_agree() -> None:
    run(sys.executable, "-m", "mypy")


def test_shell_programs_parse_and_stay_small() -> None:
    programs = shell_programs()
    assert programs, "the command of the continuous integration is one"
    for path in programs:
        run("sh", "-n", str(path))
        assert len(shell_code(path)) <= LONGEST_SHELL_PROGRAM, path
