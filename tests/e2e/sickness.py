"""Making one pool ill in many ways, for real, and well again."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import TypeVar

from roost import Pool, contract
from roost.engines.protocol import Engine, File
from roost.pool.doctor import Cause, Diagnosis, Finding, Severity
from roost.waiting import wait_for

T = TypeVar("T")

SEEN_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Patient:
    """A pool to break and to mend; ``config`` is what its nodes' own configuration said at first."""

    pool: Pool

    @property
    def engine(self) -> Engine:
        return self.pool.engine

    def container(self, node: str) -> str:
        return f"{self.pool.name}-{node}"

    def do(self, node: str, *argv: str, user: str = "root") -> str:
        done = self.pool.exec(node, argv, user=user)
        assert done.exit_code == 0, (argv, done.stderr, done.stdout)
        return done.stdout.decode()

    def shell(self, node: str, script: str, *, user: str = "root") -> str:
        return self.do(node, "sh", "-c", script, user=user)

    def put(self, node: str, path: str, text: str, mode: int = 0o644) -> None:
        directory, _, name = path.rpartition("/")
        files = [File(name, text.encode(), mode)]
        self.engine.put_files(self.container(node), directory, files)

    def engine_cli(self, *arguments: str) -> str:
        """The engine's own client, for what no pool needs: pause, disconnect."""
        client = self.engine.interactive_argv("", [""], tty=False)
        program = client[: client.index("exec")]
        return on_host(*program, *arguments)

    def pause(self, node: str) -> None:
        """Freeze the container. A container with much to do has to be told more than once, where control
        groups are of version 1: runc gives up after a while ("unable to freeze")."""

        def paused() -> bool | None:
            with suppress(AssertionError):
                self.engine_cli("pause", self.container(node))
                return True
            return None

        wait_for(f"{node} is paused", paused, timeout_s=60)

    def in_network_of(self, node: str, *argv: str) -> str:
        """A command of the host in a node's network, where no node may do such things."""
        pid = self.engine_cli("inspect", "--format", "{{.State.Pid}}", self.container(node))
        return on_host("nsenter", "--target", pid.strip(), "--net", *argv)

    @contextmanager
    def writable_root(self, node: str) -> Iterator[None]:
        """With a root file system that can be written, as only the host's root can make it."""
        pid = self.engine_cli("inspect", "--format", "{{.State.Pid}}", self.container(node)).strip()
        remount = ("nsenter", "--target", pid, "--mount", "mount", "-o")
        on_host(*remount, "remount,bind,rw", "/")
        try:
            yield
        finally:
            on_host(*remount, "remount,bind,ro", "/")

    def address(self, node: str) -> str:
        container = self.engine.find_container(self.container(node))
        assert container and container.address
        return container.address

    def processes(self, node: str, program: str) -> list[str]:
        """Ids, on the host, of the processes of that program."""
        first = self.engine_cli("inspect", "--format", "{{.State.Pid}}", self.container(node))
        parents, programs = {}, {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                pid = stat.parts[2]
                parents[pid] = stat.read_text().rpartition(")")[2].split()[1]
                programs[pid] = (stat.parent / "cmdline").read_text().partition("\0")[0]

        def is_inside(pid: str) -> bool:
            return pid == first.strip() or (pid in parents and is_inside(parents[pid]))

        return [pid for pid, it in programs.items() if it.endswith(program) and is_inside(pid)]

    def signal(self, node: str, program: str, number: Signals) -> None:
        """To each of its processes. A daemon has some for a moment only, which answer a question."""
        told = 0
        for pid in self.processes(node, program):
            with suppress(ProcessLookupError):
                os.kill(int(pid), number)
                told += 1
        assert told, f"no {program} on {node}"

    @contextmanager
    def configured(self, node: str, text: str, *reread: str) -> Iterator[None]:
        """With more configuration. ``reread`` is what makes daemons read it; they do not by themselves."""
        file = f"{contract.EXTRA_CONFIG_DIR}/pool.config"
        before = self.do(node, "cat", file)
        self.put(node, file, f"{before}\n{text}\n")
        try:
            if reread:
                self.do(node, *reread)
            yield
        finally:
            self.put(node, file, before)
            if reread:
                self.do(node, *reread)

    @contextmanager
    def holding_token(self, node: str, token: str | None) -> Iterator[None]:
        """With another credential, or with none."""
        before = self.do(node, "cat", contract.TOKEN_FILE)
        if token is None:
            self.do(node, "rm", contract.TOKEN_FILE)
        else:
            self.put(node, contract.TOKEN_FILE, token, 0o600)
        try:
            yield
        finally:
            self.put(node, contract.TOKEN_FILE, before, 0o600)

    def token(self, node: str, *options: str, script: str = "{}") -> str:
        """A new token of the master's for a node; ``script`` is what the command stands in."""
        identity = contract.node_identity(node, self.pool.name)
        key = self.do("master", "readlink", f"{contract.KEYS_DIR}/.issuer").strip()
        command = f"condor_token_create -identity {identity} -key {key} {' '.join(options)}"
        return self.shell("master", script.format(command))

    def submit(self, *lines: str, count: int = 1) -> str:
        """Jobs that sleep, with these lines in their submit file; the cluster that they are."""
        text = "\n".join(
            ["executable = /bin/sleep", "transfer_executable = false", *lines, f"queue {count}"]
        )
        submit = f"cd /tmp && echo '{text}' | condor_submit -terse"
        return self.shell("submit", submit, user=contract.JOB_OWNER).split(".")[0]

    @contextmanager
    def jobs(self, *lines: str, count: int = 1) -> Iterator[str]:
        cluster = self.submit(*lines, count=count)
        try:
            yield cluster
        finally:
            self.do("submit", "condor_rm", cluster)
            wait_for(
                f"job {cluster} is gone",
                lambda: not self.do("submit", "condor_q", cluster, "-af", "ProcId") or None,
                timeout_s=SEEN_TIMEOUT_S,
            )

    def sees_running(self, number: int) -> None:
        wait_for(
            f"{number} jobs run",
            lambda: self.pool.status().jobs["running"] == number or None,
            timeout_s=SEEN_TIMEOUT_S,
        )

    def sees(self, cause: Cause, about: str | None = None) -> Finding:
        """Wait until the doctor names the cause, of that node or job; what it says of it."""
        return self._look_until(
            f"{cause} of {about}", lambda diagnosis: find(diagnosis, cause, about)
        )

    def is_well(self) -> None:
        """Wait until nothing is wrong, nor looks so."""

        def is_well(diagnosis: Diagnosis) -> bool | None:
            return all(one.severity is Severity.INFO for one in diagnosis.findings) or None

        self._look_until("the pool is well again", is_well)

    def _look_until(self, what: str, judge: Callable[[Diagnosis], T | None]) -> T:
        seen: list[Diagnosis] = []

        def look() -> T | None:
            seen.append(self.pool.doctor())
            return judge(seen[-1])

        return wait_for(
            what, look, timeout_s=SEEN_TIMEOUT_S, last_seen=lambda: str(seen[-1].to_json())
        )


def find(diagnosis: Diagnosis, cause: Cause, about: str | None) -> Finding | None:
    for finding in diagnosis.findings:
        if finding.cause is cause and (about is None or about in (*finding.nodes, *finding.jobs)):
            return finding
    return None


def changed(token: str, changes: dict[str, str | int]) -> str:
    """With other claims; times are from now. Its signature does not fit any more."""
    header, payload, signature = token.strip().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims |= {
        name: value if isinstance(value, str) else int(time.time()) + value
        for name, value in changes.items()
    }
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{header}.{text}.{signature}"


def on_host(*argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (argv, done.stderr)
    return done.stdout
