"""What the pages tell people to type works, and shows what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from roost import Pool
from roost.engines.protocol import Engine
from tests.e2e.documents import blocks, matches, steps

TIMEOUT_S = 240


def environment(engine: Engine, pool: Pool) -> dict[str, str]:
    """Where a bare ``roost`` means this checkout's command, this engine and this pool."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    chosen = {"PATH": programs, "ROOST_ENGINE": engine.name, "ROOST_POOL": pool.name}
    return os.environ | chosen


def test_the_readme_commands_do_what_it_shows(
    engine: Engine, new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    type_commands("README.md", engine, new_pool(), tmp_path)


@pytest.mark.one_engine
def test_the_quickstart_commands_do_what_it_shows(
    engine: Engine, new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    type_commands("docs/quickstart.md", engine, new_pool(), tmp_path)


def type_commands(page: str, engine: Engine, pool: Pool, cwd: Path) -> None:
    """Run each command of a page, and compare what it prints with what the page shows."""
    told = list(steps(page))
    assert told
    for step in told:
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", step.command],
            cwd=cwd,
            env=environment(engine, pool),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        what = f"$ {step.command}\n{done.stdout}{done.stderr}"
        assert done.returncode == 0, what
        shown = step.shown.replace("Pool roost ", f"Pool {pool.name} ")
        shown = shown.replace(".roost.pool", f".{pool.name}.pool")
        shown = shown.replace(" on docker", f" on {engine.name}")
        assert not shown or matches(done.stdout, shown), f"{what}\ninstead of\n{shown}"


def test_the_python_example_runs(
    engine: Engine, new_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = new_pool()
    (program,) = blocks("README.md", "python")
    done = subprocess.run(
        [sys.executable, "-c", program.replace('"lab"', f'"{pool.name}"')],
        cwd=tmp_path,
        env=environment(engine, pool),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "[0, 1, 4, 9, 16]\n"), done.stderr
    assert not pool.exists()
