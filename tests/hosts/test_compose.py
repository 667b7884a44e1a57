"""The commands of docs/hosts-compose.md: a pool that docker-compose brings up on one host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from roost.waiting import wait_for
from tests.enginehost.packages import COMPOSE, get_installed
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S, run_jobs
from tests.hosts.pages import steps_on, type_in

PAGE = "docs/hosts-compose.md"


@dataclass(frozen=True)
class Composed:
    """A pool that docker-compose has brought up."""

    host: Host
    cwd: Path

    def compose(self, *arguments: str) -> str:
        """What docker-compose prints."""
        argv = ["docker-compose", "-p", "lab", "-f", "lab-compose/compose.yaml", *arguments]
        done = self.host.run(*argv, cwd=self.cwd)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def container(self, service: str) -> str:
        """The container of a service."""
        return self.compose("ps", "-q", service).split()[0]

    def executors(self) -> set[str]:
        """As the collector knows them."""
        argv = ["docker", "exec", self.container("master"), "condor_status", "-startd", "-af"]
        return set(self.host.run(*argv, "Machine").stdout.split())


@pytest.fixture(scope="module")
def composed(hosts: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    get_installed(COMPOSE)
    beta = hosts[1]
    made = Composed(beta, tmp_path_factory.mktemp("compose"))
    try:
        for step in steps_on({"alpha": beta}, PAGE):
            type_in(step, {"alpha": beta}, cwd=made.cwd)
        yield made
    finally:
        beta.clear()


EXECUTORS = {"execute-lab-execute-1.lab.pool", "execute-lab-execute-2.lab.pool"}


def wait_executors(composed: Composed) -> None:
    def all_here() -> bool | None:
        return composed.executors() == EXECUTORS or None

    wait_for("both executors have joined", all_here, timeout_s=PATIENCE_S)


def test_jobs_run_on_its_executors(composed: Composed) -> None:
    wait_executors(composed)
    ran_on = run_jobs(composed.host, composed.container("submit"), 6)
    assert {f"execute-{name}.lab.pool" for name in ran_on} <= EXECUTORS


def test_a_container_that_is_made_anew_is_the_same_node(composed: Composed) -> None:
    composed.compose("up", "-d", "--force-recreate", "submit", "execute-1")
    wait_executors(composed)
    assert run_jobs(composed.host, composed.container("submit"), 3)


def test_nothing_is_left_but_the_state(composed: Composed) -> None:
    composed.compose("down")
    assert composed.host.docker("ps", "-aq") == ""
    volumes = set(composed.host.docker("volume", "ls", "--format", "{{.Name}}").split())
    assert {"lab_master", "lab_submit"} <= volumes
