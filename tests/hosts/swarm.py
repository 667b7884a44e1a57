"""A Docker Swarm of the bench's hosts, and a pool as a stack on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from roost.waiting import wait_for
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S

HEARTBEAT = "2s"
"""Of the workers, three of which a lost one has missed: so it is lost within seconds, not within a minute."""


def join_swarm(manager: Host, *workers: Host) -> None:
    """Join the hosts to a manager's Swarm, which notices soon when one is lost."""
    manager.docker("swarm", "update", "--dispatcher-heartbeat", HEARTBEAT)
    token = manager.docker("swarm", "join-token", "--quiet", "worker").strip()
    for worker in workers:
        worker.docker("swarm", "join", "--token", token, manager.address)


@dataclass(frozen=True)
class Stack:
    """A pool as a stack of that name."""

    name: str
    manager: Host

    def service(self, role: str) -> str:
        """The name of a role's service."""
        return f"{self.name}_{role}"

    def container(self, role: str) -> str:
        """The one container of a service on the manager's host."""
        found = self.manager.docker("ps", "--quiet", "--filter", f"name={self.service(role)}")
        return found.split()[0] if found.split() else ""

    def scale(self, executors: int) -> None:
        """As a person does; returns at once."""
        wanted = f"{self.service('execute')}={executors}"
        self.manager.docker("service", "scale", "--detach", wanted)

    def tasks(self) -> list[tuple[str, str]]:
        """Host and state of each executor that Swarm wants to run."""
        argv = ["service", "ps", "--filter", "desired-state=running", "--format"]
        lines = self.manager.docker(*argv, "{{.Node}} {{.CurrentState}}", self.service("execute"))
        return [(line.split()[0], line.split()[1]) for line in lines.splitlines()]

    def wait_tasks_on_manager(self, count: int) -> None:
        """Until so many executors run on the manager's host, and none is wanted elsewhere."""

        def here() -> bool | None:
            running = [host for host, state in self.tasks() if state == "Running"]
            return running == [self.manager.name] * count or None

        wait_for("all executors are here", here, timeout_s=PATIENCE_S, last_seen=self.report)

    def set_availability(self, host: Host, availability: str) -> None:
        """As a person does who is about to work on the host."""
        self.manager.docker("node", "update", "--availability", availability, host.name)

    def names_on(self, host: Host) -> list[str]:
        """The names of the executors that run on a host."""
        argv = ["ps", "--quiet", "--filter", f"name={self.service('execute')}"]
        ids = host.docker(*argv).split()
        return host.docker("inspect", "--format", "{{.Config.Hostname}}", *ids).split()

    def on_submit(self, *argv: str, text: str = "") -> str:
        """What a command prints on the submit node, as the owner of jobs."""
        inside = ["docker", "exec", "-iu", "roost", "-w", "/tmp", self.container("submit"), *argv]
        done = self.manager.run(*inside, input=text)
        assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
        return done.stdout

    def executors(self) -> dict[str, str]:
        """Address of each executor, by its name, as the collector knows them."""
        argv = ["condor_status", "-startd", "-af", "Machine", "MyAddress"]
        asked = self.manager.run("docker", "exec", self.container("master"), *argv)
        return dict(line.split(maxsplit=1) for line in asked.stdout.splitlines())

    def wait_executors(self, count: int) -> None:
        """Until the pool has as many."""

        def look() -> bool | None:
            return len(self.executors()) == count or None

        wait_for(
            f"the stack has {count} executors", look, timeout_s=PATIENCE_S, last_seen=self.report
        )

    def report(self) -> str:
        """What helps to understand why not."""
        argv = ["service", "ps", "--no-trunc", self.service("execute")]
        lines = [self.manager.docker(*argv), str(self.executors())]
        lines += [self.manager.log(self.container(role))[-1500:] for role in ("master", "submit")]
        return "\n".join(lines)

    def submit(self, seconds: int, count: int, *more: str) -> str:
        """Submit jobs that sleep; their cluster."""
        lines = (
            "executable = /bin/sleep",
            "transfer_executable = false",
            f"arguments = {seconds}",
            "log = log",
            *more,
            f"queue {count}",
        )
        return self.on_submit("condor_submit", "-terse", text="\n".join(lines)).split(".")[0]

    def jobs(self, cluster: str) -> list[dict[str, Any]]:
        """The ads of the jobs in the queue."""
        asked = (
            "condor_q",
            cluster,
            "-json",
            "-attributes",
            "ProcId,JobStatus,RemoteHost,NumJobStarts",
        )
        return list(json.loads(self.on_submit(*asked) or "[]"))

    def wait_jobs(
        self, cluster: str, what: str, so: Callable[[list[dict[str, Any]]], bool], timeout_s: float
    ) -> None:
        """Until the jobs in the queue are so."""
        wait_for(
            what,
            lambda: so(self.jobs(cluster)) or None,
            timeout_s=timeout_s,
            last_seen=lambda: f"{self.jobs(cluster)}\n{self.report()}",
        )

    def ended(self, cluster: str) -> list[tuple[int, ...]]:
        """Process, starts and exit code of each job that has ended, sorted. The history is root's alone."""
        argv = ["condor_history", cluster, "-af", "ProcId", "NumJobStarts", "ExitCode"]
        told = self.manager.docker("exec", self.container("submit"), *argv)
        return sorted(tuple(map(int, line.split())) for line in told.splitlines())


def all_run(count: int) -> Callable[[Sequence[dict[str, Any]]], bool]:
    """Whether so many jobs run, and execute."""
    return lambda jobs: sum(one["JobStatus"] == 2 for one in jobs) == count
