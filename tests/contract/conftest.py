"""One set of tests for three engines, and what they stand on.

Everything made here carries the label ``roost.test`` with this process's id, and goes at the end;
what a killed run left goes at the start of the next.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from roost.engines.detect import open_engine
from roost.engines.fake import FakeEngine
from roost.engines.protocol import (
    Container,
    ContainerSpec,
    Engine,
    Image,
    Mount,
    Network,
    Volume,
)
from roost.errors import EngineError, EngineUnavailableError
from tests.enginehost.rootfs import write_rootfs

LABEL = "roost.test"
RUN = str(os.getpid())
OURS = {LABEL: RUN}
IMAGE = f"roost-test-{RUN}:tiny"

OBEYS = "/tmp/obeys"
_UNTIL_STOPPED = f"trap 'exit 0' TERM; (: > {OBEYS}) 2>&-; while :; do sleep 0.05; done"
"""Says by a file, where it may make one, that it ends when it is told to."""

REAL = [pytest.param(name, marks=pytest.mark.engine) for name in ("docker", "podman")]

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Bench:
    """An engine with the tiny image and a network, and a maker of things with names of their
    own."""

    engine: Engine
    network: str
    made: list[str] = field(default_factory=list)

    def name(self) -> str:
        return f"roost-test-{RUN}-{next(_numbers)}"

    def spec(self, *command: str, **changes: object) -> ContainerSpec:
        """A container that obeys SIGTERM and does nothing, unless it is given a command."""
        values: dict[str, object] = {
            "name": self.name(),
            "image": IMAGE,
            "hostname": "node",
            "network": self.network,
            "labels": OURS,
            "restart": False,
            "command": command or ("sh", "-c", _UNTIL_STOPPED),
        }
        return ContainerSpec(**{**values, **changes})  # type: ignore[arg-type]

    def create(self, *command: str, **changes: object) -> Container:
        return self.engine.ensure_container(self.spec(*command, **changes))

    def run(self, *command: str, **changes: object) -> str:
        """Start a container; its name."""
        container = self.create(*command, **changes)
        self.engine.start(container.name)
        return container.name

    def container(self, name: str) -> Container:
        found = self.engine.find_container(name)
        assert found is not None
        return found

    def volume(self, target: str) -> Mount:
        name = self.name()
        self.engine.ensure_volume(name, OURS)
        return Mount(name, target)


@pytest.fixture(scope="session")
def rootfs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("rootfs") / "rootfs.tar"
    write_rootfs(archive)
    return archive


@pytest.fixture(scope="session")
def open_bench(rootfs: Path) -> Iterator[Callable[[str], Bench]]:
    """Benches by the name of their engine, each made once."""
    benches: dict[str, Bench] = {}

    def bench(name: str) -> Bench:
        if name not in benches:
            benches[name] = _make_bench(name, rootfs)
        return benches[name]

    yield bench
    for made in benches.values():
        _remove_all(made.engine, RUN)
        made.engine.close()


@pytest.fixture(params=["fake", *REAL])
def bench(request: pytest.FixtureRequest, open_bench: Callable[[str], Bench]) -> Iterator[Bench]:
    """For what holds of every engine."""
    bench = open_bench(request.param)
    yield bench
    _remove_containers(bench.engine, RUN)


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest, open_bench: Callable[[str], Bench]) -> Iterator[Bench]:
    """For what needs commands to run."""
    bench = open_bench(request.param)
    yield bench
    _remove_containers(bench.engine, RUN)


def _make_bench(name: str, rootfs: Path) -> Bench:
    engine = FakeEngine() if name == "fake" else _open(name)
    for run in _dead_runs(engine):
        with suppress(EngineError):  # Podman: a build that was killed has its image in use for good
            _remove_all(engine, run)
    engine.import_image(rootfs, IMAGE, OURS, {"CMD": '["/bin/sh"]'})
    network = f"roost-test-{RUN}"
    engine.ensure_network(network, OURS)
    return Bench(engine, network)


def _open(name: str) -> Engine:
    try:
        engine = open_engine(name, os.environ)
        engine.info()
    except EngineUnavailableError as error:
        pytest.fail(
            f"{name} is needed and not there: {error}\n"
            "Start the tests with engines around them: "
            "python -m tests.enginehost run -- python -m pytest tests/contract",
            pytrace=False,
        )
    return engine


def _dead_runs(engine: Engine) -> set[str]:
    things: list[Container | Network | Volume | Image] = [
        *engine.list_containers({LABEL: None}),
        *engine.list_networks({LABEL: None}),
        *engine.list_volumes({LABEL: None}),
        *engine.list_images({LABEL: None}),
    ]
    runs = {thing.labels[LABEL] for thing in things}
    return {run for run in runs if not Path(f"/proc/{run}").exists()}


def _remove_containers(engine: Engine, run: str) -> None:
    for container in engine.list_containers({LABEL: run}):
        engine.remove_container(container.name)
    for volume in engine.list_volumes({LABEL: run}):
        engine.remove_volume(volume.name)


def _remove_all(engine: Engine, run: str) -> None:
    _remove_containers(engine, run)
    for network in engine.list_networks({LABEL: run}):
        engine.remove_network(network.name)
    for image in engine.list_images({LABEL: run}):
        for reference in image.tags or (image.id,):
            engine.remove_image(reference)
