"""The ``roost`` command in this process, on an engine in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result

from roost.cli.app import App
from roost.cli.main import cli
from roost.engines.fake import FakeEngine
from roost.images import base
from tests.unit.cli.fakepool import HTCONDOR, FakePool

Roost = Callable[..., Result]


@pytest.fixture
def pool() -> FakePool:
    return FakePool()


@pytest.fixture
def engine(pool: FakePool) -> FakeEngine:
    """With a registry that has Debian's images, and a builder that always succeeds."""
    engine = FakeEngine(
        registry={"debian:trixie-slim": {}, "debian:forky-slim": {}},
        on_build=lambda _spec, tell: tell(f"roost-package condor {HTCONDOR}+dfsg-2.1"),
        on_exec=pool,
    )
    pool.engine = engine
    return engine


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and nothing of this host's settings."""
    directory = tmp_path / "here"
    directory.mkdir()
    monkeypatch.chdir(directory)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("roost.locks.RUNTIME_DIRS", str(tmp_path / "none"))
    monkeypatch.setattr(base, "find_mirror", lambda: None)
    for name in ("ROOST_POOL", "ROOST_ENGINE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return directory


@pytest.fixture
def roost(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> Roost:
    """Run ``roost`` with arguments; ``engine=None`` lets it look for one on this host."""

    def leave(code: int) -> NoReturn:
        raise SystemExit(code)

    monkeypatch.setattr("roost.cli.ending.os._exit", leave)

    def run(*arguments: str, engine: FakeEngine | None = engine, **settings: Any) -> Result:
        return CliRunner().invoke(cli, arguments, obj=App(engine=engine), **settings)

    return run
