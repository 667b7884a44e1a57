"""The three hosts of docs/hosts.md, by their names there, and the pool that its commands make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from roost import contract
from roost.waiting import wait_for
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S


class Run(NamedTuple):
    """How a job ended. Its shadow counts the starts, and tells the schedd now and then only: what was told
    last stands where the shadow was killed. When it ``began`` is told at once."""

    starts: str
    began: str
    exit_code: str
    host: str


class Lab:
    """Commands are typed in the directory ``cwd``."""

    def __init__(self, hosts: Mapping[str, Host], cwd: Path) -> None:
        self.hosts = hosts
        self.cwd = cwd

    def roost(self, *arguments: str, on: str = "head") -> str:
        """What ``roost`` prints on a host. Raises AssertionError where it fails."""
        done = self.hosts[on].run("roost", *arguments, cwd=self.cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def nodes(self) -> dict[str, dict[str, Any]]:
        """What ``roost status`` on head says of each node."""
        seen = json.loads(self.roost("status", "--json"))
        return {node["name"]: node for node in seen["nodes"]}

    def write(self, name: str, text: str) -> None:
        """A file in the directory where commands are typed."""
        (self.cwd / name).write_text(text)

    def submit(self, lines: str) -> int:
        """Submit what such a file says; the cluster."""
        self.write("job.sub", lines)
        (cluster,) = json.loads(self.roost("submit", "job.sub", "--json"))["clusters"]
        return int(cluster)

    def running(self, cluster: int, node: str) -> dict[str, str]:
        """The processes of a cluster whose program runs on a node, and when it began to."""
        about = ["-allusers", "-constraint", "JobStatus == 2"]
        wanted = ["-af", "ProcId", "RemoteHost", "JobCurrentStartExecutingDate"]
        shown = self.roost("exec", "submit", "--", "condor_q", str(cluster), *about, *wanted)
        jobs = map(str.split, shown.splitlines())
        return {job: began for job, slot, began in jobs if node in slot and began.isdigit()}

    def ended(self, cluster: int) -> dict[str, Run]:
        """The last run of each process of a cluster. Each has to have ended once."""
        wanted = ["ProcId", "NumJobStarts", "JobCurrentStartExecutingDate", "ExitCode"]
        history = ["condor_history", str(cluster), "-af", *wanted, "LastRemoteHost"]
        told = [line.split() for line in self.roost("exec", "submit", "--", *history).splitlines()]
        jobs = {job: Run(*facts) for job, *facts in told}
        assert len(told) == len(jobs), told
        return jobs

    def configure(self, host: str, container: str, text: str) -> None:
        """Have a node's HTCondor read this as the operator's own configuration. Its master may be busy:
        it waits for what is cut off."""
        place = f"{contract.EXTRA_CONFIG_DIR}/pool.config"
        argv = ["docker", "exec", "-i", container, "sh", "-c", f"cat > {place} && condor_reconfig"]
        said: list[str] = []

        def read() -> bool | None:
            done = self.hosts[host].run(*argv, input=text)
            said.append(done.stderr)
            return done.returncode == 0 or None

        what = f"{container} reads its configuration"
        wait_for(what, read, timeout_s=PATIENCE_S, last_seen=lambda: said[-1])
