"""Waiting for the master before HTCondor starts.

A startd or schedd that starts before its collector hangs for 20 s at a time and stays without a CCB
address for minutes, so a node first makes sure that the collector is there and lets it in.
"""

from __future__ import annotations

import socket
import subprocess
import time

from roost import contract
from roost.logline import Level
from roost.node.say import NodeError, say
from roost.node.settings import NodeSettings
from roost.node.versions import Versions, find_version, refuse_mixture

_POLL_S = 0.05
_SLOW_POLL_S = 1.0
_TELL_EVERY_S = 15.0
_PATIENT_S = 10.0
"""How long a refusal may be the master still reading its configuration."""


def wait_for_master(settings: NodeSettings) -> Versions:
    """Return once the master's collector grants this node all its role needs; their HTCondor's versions.

    Raises :class:`NodeError` when it refuses the credential, when the versions do not go together, or after
    ``join_timeout_s``.
    """
    wait = Wait(settings)
    refused_since: float | None = None
    while True:
        problem = _connect_problem(settings)
        if problem is None:
            problem, versions = _ping(settings)
            if problem is None:
                break
            refused_since = refused_since or time.monotonic()
            if time.monotonic() - refused_since > _PATIENT_S:
                raise NodeError(f"the master at {settings.master} refuses this node: {problem}")
        else:
            refused_since = None
        wait.pause(problem)
    refuse_mixture(versions)
    say(f"joined the master at {settings.master} after {wait.elapsed_s:.2f} s")
    return versions


def wait_for_port(settings: NodeSettings) -> None:
    """Return once something listens at the master's port. Raises :class:`NodeError` after
    ``join_timeout_s``."""
    wait = Wait(settings)
    while problem := _connect_problem(settings):
        wait.pause(problem)


class Wait:
    """The patience of a node with its master, and what it says meanwhile."""

    def __init__(self, settings: NodeSettings) -> None:
        self._settings = settings
        self._started = self._told = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Since the wait began."""
        return time.monotonic() - self._started

    def pause(self, problem: str, *, least_s: float = _POLL_S) -> None:
        """Wait before the next try. Raises :class:`NodeError` after ``join_timeout_s``."""
        timeout_s, elapsed_s = self._settings.join_timeout_s, self.elapsed_s
        if timeout_s and elapsed_s > timeout_s:
            raise NodeError(f"no master at {self._settings.master} after {timeout_s} s: {problem}")
        if time.monotonic() - self._told > _TELL_EVERY_S:
            self._told = time.monotonic()
            say(
                f"waiting for the master at {self._settings.master}: {problem}",
                level=Level.WARNING,
            )
        time.sleep(least_s if elapsed_s < _TELL_EVERY_S else max(least_s, _SLOW_POLL_S))


def _connect_problem(settings: NodeSettings) -> str | None:
    try:
        socket.create_connection((settings.master.host, settings.master.port), timeout=5).close()
    except OSError as error:
        return str(error)
    return None


def _ping(settings: NodeSettings) -> tuple[str | None, Versions]:
    """None when the collector grants every authorization of the role, else the reason in words."""
    wanted = contract.ROLE_AUTHORIZATIONS[settings.role]
    argv = ["condor_ping", "-pool", str(settings.master), "-type", "COLLECTOR", *wanted]
    try:
        asked = _run([*argv, "-verbose"])
        if asked.returncode == 0:
            return None, read_versions(asked.stdout)
        asked = _run(argv)
    except subprocess.TimeoutExpired:
        return "its collector does not answer", Versions(None, None)
    return (asked.stderr or asked.stdout).strip() or "no reason given", Versions(None, None)


def _run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)


def read_versions(told: str) -> Versions:
    """From what ``condor_ping -verbose`` tells: ``Remote Version:`` and ``Local  Version:``."""
    lines = (line.partition("Version:") for line in told.splitlines())
    versions = {name.strip(): find_version(text) for name, _, text in lines if text}
    return Versions(versions.get("Local"), versions.get("Remote"))


def is_granted(settings: NodeSettings) -> bool:
    """Whether the master's collector, in reach now, grants this node all its role needs."""
    return _connect_problem(settings) is None and _ping(settings)[0] is None
