"""A host: a network namespace with a host name and a Docker of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from roost.engines.detect import open_engine
from roost.engines.protocol import Engine
from tests.enginehost import daemons
from tests.hosts.namespaces import Namespace
from tests.hosts.network import Plug

_NAME_AND_BECOME = 'hostname "$0" && exec "$@"'


@dataclass
class Host:
    """``address`` is its own on the network between hosts; ``plug`` cuts it off from them; ``program`` is
    its engine's command."""

    program: ClassVar[str] = "docker"
    name: str
    number: int
    namespace: Namespace
    address: str
    plug: Plug
    directory: Path
    daemon: daemons.Daemon | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where its Docker answers: from everywhere on the machine, since it is a file."""
        return f"unix://{self.directory}/docker.sock"

    @property
    def environment(self) -> Mapping[str, str]:
        """With which ``docker`` and this checkout's ``roost`` mean this host."""
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        chosen = {"PATH": programs, "DOCKER_HOST": self.url, "ROOST_ENGINE": "docker"}
        return {**os.environ, **chosen}

    @cached_property
    def engine(self) -> Engine:
        """Roost's view of its Docker."""
        return open_engine(self.program, self.environment)

    def start(self) -> None:
        """Start its Docker, with networks that no other host has."""
        directory = self.directory
        directory.mkdir(parents=True)
        own = self.namespace.name
        argv = [
            *("unshare", "--uts", "sh", "-c", _NAME_AND_BECOME, self.name),
            *("dockerd", "--host", self.url, "--pidfile", f"{directory}/docker.pid"),
            *("--data-root", f"{directory}/data", "--exec-root", f"{directory}/run"),
            *("--containerd-namespace", own, "--containerd-plugins-namespace", f"{own}-plugins"),
            *("--bip", f"10.{self.number}.0.1/24"),
            *("--default-address-pool", f"base=10.{self.number}.128.0/17,size=24"),
        ]
        log = directory / "dockerd.log"
        self.daemon = daemons.start(self.namespace.command(*argv), self.url, log, os.environ)

    def stop(self) -> None:
        """Remove its containers and end its Docker."""
        if self.daemon is None:
            return
        self.clear()
        if "engine" in self.__dict__:
            self.engine.close()
        self.daemon.stop()
        self.daemon = None

    def clear(self) -> None:
        """Remove its containers, volumes and networks."""
        for kind in ("container", "volume"):
            every = ["--all"] if kind == "container" else []
            left = self.docker(kind, "ls", "--quiet", *every, check=False).split()
            if left:
                self.docker(kind, "rm", "--force", *left, check=False)
        self.docker("network", "prune", "--force", check=False)

    def docker(self, *arguments: str, check: bool = True) -> str:
        """What its engine's command prints. Raises AssertionError with its complaint."""
        done = self.run(self.program, *arguments)
        what = f"{self.program} {' '.join(arguments)}"
        assert done.returncode == 0 or not check, f"{what}: {done.stderr}"
        return done.stdout

    def set_kernel(self, container: str, settings: Mapping[str, int]) -> None:
        """Settings of ``net.ipv4`` in a container's own network, as ``docker run --sysctl`` would have it."""
        pid = self.docker("inspect", "--format", "{{.State.Pid}}", container).strip()
        for name, value in settings.items():
            script = f"echo {value} > /proc/sys/net/ipv4/{name}"
            subprocess.run(["nsenter", "--target", pid, "--net", "sh", "-c", script], check=True)

    def run(self, *argv: str, **options: object) -> subprocess.CompletedProcess[str]:
        """A program that uses this host's Docker."""
        values: dict[str, object] = {"env": self.environment, "timeout": 240, **options}
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            argv, capture_output=True, text=True, check=False, **values
        )

    def shell(self, script: str, **options: object) -> subprocess.CompletedProcess[str]:
        """What a person types on this host."""
        return self.run("bash", "-eo", "pipefail", "-c", script, **options)

    def log(self, container: str) -> str:
        """All that a container has said."""
        done = self.run(self.program, "logs", container)
        return done.stdout + done.stderr
