"""The three hosts of docs/hosts.md, by their names there, and the pool that its commands make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roost import contract
from tests.hosts.host import Host


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

    def running(self, cluster: int, node: str) -> list[str]:
        """The processes of a cluster whose program runs on a node."""
        about = ["-allusers", "-constraint", "JobStatus == 2"]
        wanted = ["-af", "ProcId", "RemoteHost", "JobCurrentStartExecutingDate"]
        shown = self.roost("exec", "submit", "--", "condor_q", str(cluster), *about, *wanted)
        jobs = map(str.split, shown.splitlines())
        return [job for job, slot, began in jobs if node in slot and began.isdigit()]

    def ended(self, cluster: int) -> dict[str, tuple[str, ...]]:
        """Of each process of a cluster, how often it started, its exit code, and where it ran last. Each
        has to have ended once."""
        wanted = ["ProcId", "NumJobStarts", "ExitCode", "LastRemoteHost"]
        history = ["condor_history", str(cluster), "-af", *wanted]
        told = [line.split() for line in self.roost("exec", "submit", "--", *history).splitlines()]
        jobs = {job: tuple(facts) for job, *facts in told}
        assert len(told) == len(jobs), told
        return jobs

    def configure(self, host: str, container: str, text: str) -> None:
        """Have a node's HTCondor read this as the operator's own configuration."""
        place = f"{contract.EXTRA_CONFIG_DIR}/pool.config"
        script = f"cat > {place} && condor_reconfig"
        argv = ["docker", "exec", "-i", container, "sh", "-c", script]
        done = self.hosts[host].run(*argv, input=text)
        assert done.returncode == 0, done.stderr
