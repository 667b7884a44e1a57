"""The demo on a pool whose jobs run right here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from roost.cli.output.demo import render_demo
from roost.demo import run_demo
from roost.errors import JobError
from roost.events import Recorder
from roost.pool import Pool
from roost.pool.jobs.results import ProcessResult, RunResult
from roost.pool.status import PoolStatus


class LocalPool(Pool):
    """Runs each job in a directory of its own, with its inputs alone."""

    def __init__(self, home: Path, slots: int = 1) -> None:
        super().__init__("lab")
        self.home = home
        self.slots = slots
        self.spoil: Any = lambda figures: figures

    def status(self) -> PoolStatus:
        return PoolStatus("lab", "fake", (), {"total": self.slots}, {})

    def run(  # type: ignore[override]
        self,
        argv: Sequence[str],
        *,
        count: int,
        inputs: Sequence[str],
        outputs: Sequence[str],
        cwd: Path,
    ) -> RunResult:
        processes = []
        for number in range(count):
            program, *arguments, output = (a.replace("$(Process)", str(number)) for a in argv)
            assert program == "python3"
            place = self.home / str(number)
            place.mkdir()
            for name in inputs:
                shutil.copy(cwd / name.replace("$(Process)", str(number)), place)
            done = subprocess.run(
                [sys.executable, *arguments, output], cwd=place, capture_output=True, check=False
            )
            if done.returncode == 0:
                figures = json.loads((place / output).read_text())
                (cwd / output).write_text(json.dumps(self.spoil(figures)))
            host = f"slot1_1@execute-{number % 2 + 1}.lab.pool"
            processes.append(ProcessResult(number, done.returncode, host, b"", done.stderr))
        return RunResult(7, tuple(processes))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    directory = tmp_path / "sources"
    directory.mkdir()
    for number in range(9):
        text = "def f(x):\n    return x if x else 0\n" * number
        (directory / f"{number}.py").write_text(text)
    (directory / "broken.py").write_text("def")
    return directory


@pytest.fixture
def pool(tmp_path: Path) -> LocalPool:
    home = tmp_path / "jobs"
    home.mkdir()
    return LocalPool(home)


def test_the_whole_of_it(pool: LocalPool, sources: Path) -> None:
    told = Recorder()
    result = run_demo(pool, sources, report=told)
    assert told.done_steps() == ["split", "check"]
    assert result.comparison.agree
    assert result.comparison.pool.functions == sum(range(9))
    assert result.comparison.neither == ("broken.py",)
    assert result.files == 10
    assert [part.executor for part in result.parts] == ["execute-1", "execute-2"] * 2
    assert sum(part.files for part in result.parts) == 10
    assert json.loads(json.dumps(result.to_json()))["comparison"]["agree"] is True


def test_more_slots_are_more_jobs_but_none_without_work(pool: LocalPool, sources: Path) -> None:
    pool.slots = 100
    assert len(run_demo(pool, sources).parts) == 10


def test_figures_that_differ_are_seen(pool: LocalPool, sources: Path) -> None:
    def spoil(figures: dict[str, Any]) -> dict[str, Any]:
        for one in figures["files"].values():
            if one.get("functions") == 8:
                one["functions"] = 9
        return figures

    pool.spoil = spoil
    result = run_demo(pool, sources)
    assert result.comparison.different == ("8.py",)
    assert "Pool and host do not agree." in render_demo(result)


def test_a_job_that_fails_says_where_and_why(pool: LocalPool, sources: Path) -> None:
    pool.run = lambda *_args, **_kwargs: RunResult(  # type: ignore[method-assign]
        7, (ProcessResult(0, 3, "slot1@execute-1.lab.pool", b"", b"no memory\n"),)
    )
    with pytest.raises(JobError, match=r"job 7\.0 ended with 3 on slot1@execute-1.*\nno memory"):
        run_demo(pool, sources)


def test_the_result_for_people(pool: LocalPool, sources: Path) -> None:
    text = render_demo(run_demo(pool, sources))
    assert text.startswith(f"10 Python files, 0.0 MB, from {sources}\n")
    rows = [line.split() for line in text.splitlines()]
    assert ["functions", "36", "36"] in rows
    assert "most complex function  f (2 ways)  f (2 ways)\n" in text
    assert "1 file parsed by neither: broken.py" in text
    assert "Pool and host agree" in text
    assert text.count("execute-2") == 2
    assert "files/s" in text
