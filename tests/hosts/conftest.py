"""Several hosts, each with a Docker of its own: made once for all tests of a session."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from roost.contract import Role
from roost.engines.detect import open_engine
from roost.images import ensure_images
from roost.spec import Suite
from tests.hosts.bench import Bench
from tests.hosts.host import Host
from tests.hosts.names import BASE_DIR
from tests.hosts.podman import PodmanHost

SUITE = Suite(os.environ.get("ROOST_TEST_SUITE", Suite.TRIXIE))


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The bench, with the images of the suite for each host that is made."""
    with images_of(SUITE) as images:
        made = Bench(images)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def images_of(suite: Suite) -> Iterator[list[str]]:
    """The images of a suite on the machine's own Docker, for as long as they are to have these names: a run
    of another checkout would give them to its own images."""
    engine = open_engine("docker", os.environ)
    try:
        with (BASE_DIR / "roost-test-images.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            images = ensure_images(engine, suite, allow_expired_release=suite is not Suite.TRIXIE)
            yield [images[role].reference for role in Role]
    finally:
        engine.close()


@pytest.fixture(scope="session")
def hosts(bench: Bench) -> list[Host]:
    """Three hosts on one network. A test leaves them as it found them."""
    return bench.hosts("alpha", "beta", "gamma")


@pytest.fixture
def cleared(hosts: list[Host]) -> Iterator[list[Host]]:
    """The three hosts, without containers, volumes and networks afterwards, and with all plugs in."""
    try:
        yield hosts
    finally:
        for host in hosts:
            host.plug.push()
            host.clear()


@pytest.fixture(scope="session")
def routed_hosts(bench: Bench) -> list[PodmanHost]:
    """Two hosts on the routed fabric. A test leaves them as it found them."""
    return bench.routed_hosts("red", "blue")
