"""Real pools on real engines: stood up once for each engine, shared by the tests that only look.

``ROOST_TEST_SUITE`` chooses the Debian suite (and so the HTCondor) of the images, ``ROOST_TEST_ENGINES``
the engines, by default both. Everything made here is in pools whose names start with ``rt-``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roost import Pool
from roost.engines.detect import open_engine
from roost.engines.protocol import Engine
from roost.images import ensure_images
from roost.pool.nodes import find_pools
from roost.spec import Suite

ENGINES = os.environ.get("ROOST_TEST_ENGINES", "docker,podman").split(",")
SUITE = Suite(os.environ.get("ROOST_TEST_SUITE", Suite.TRIXIE))
READY_TIMEOUT_S = 120.0

_OURS = re.compile(r"rt-([0-9]+)(?:-[0-9]+|x)?")
"""Names of our pools, with the process that made them."""

RoostCli = Callable[..., "subprocess.CompletedProcess[bytes]"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test on each engine, but those marked ``one_engine``: HTCondor does the same on all of them."""
    if "engine" in metafunc.fixturenames:
        one = metafunc.definition.get_closest_marker("one_engine")
        names = ENGINES[:1] if one else ENGINES
        every = [pytest.param(name, marks=pytest.mark.engine) for name in names]
        metafunc.parametrize("engine", every, indirect=True, scope="session")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine with the images of the suite; no pool of an earlier, killed run is left on it."""
    yield from _opened(request.param)


@pytest.fixture(scope="session")
def first_engine() -> Iterator[Engine]:
    """For what HTCondor does the same on every engine, where it takes long."""
    yield from _opened(ENGINES[0])


def _opened(name: str) -> Iterator[Engine]:
    opened = open_engine(name, os.environ)
    for pool in find_pools(opened):
        owner = _OURS.fullmatch(pool)
        if owner and not Path("/proc", owner[1]).exists():
            Pool(pool, engine=opened).down()
    # A mirror's copy of a testing release can be past its date; that is the mirror's affair.
    ensure_images(opened, SUITE, allow_expired_release=SUITE is not Suite.TRIXIE)
    yield opened
    opened.close()


@pytest.fixture
def new_pool(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Callable[..., Pool]]:
    """Makes pools, not yet up, that are gone after the test."""
    made: list[Pool] = []

    def make(**settings: object) -> Pool:
        name = f"rt-{os.getpid()}-{len(made)}"
        values: dict[str, object] = {"name": name, "suite": SUITE.value, "engine": engine}
        made.append(Pool(**{**values, **settings}))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for pool in made:
        pool.down()


@pytest.fixture(scope="session")
def pool(engine: Engine) -> Iterator[Pool]:
    """A pool of three executors that is up. Tests may run jobs in it, and change nothing else."""
    shared = Pool(f"rt-{os.getpid()}", executors=3, suite=SUITE.value, engine=engine)
    try:
        shared.up(timeout_s=READY_TIMEOUT_S)
        yield shared
    finally:
        shared.down()


@pytest.fixture
def roost_cli(engine: Engine, pool: Pool, tmp_path: Path) -> RoostCli:
    """Runs the ``roost`` command in an empty directory, against the shared pool."""
    program = Path(sys.executable).with_name("roost")

    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
        environment = os.environ | {"ROOST_ENGINE": engine.name, "ROOST_POOL": pool.name}
        values: dict[str, object] = {"cwd": tmp_path, "env": environment, "timeout": 240}
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [program, *arguments], capture_output=True, check=False, **{**values, **options}
        )

    return run
