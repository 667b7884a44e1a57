"""Waiting for the master before HTCondor starts.

A startd or schedd that starts before its collector hangs for 20 s at a time and stays without a CCB
address for minutes, so a node first makes sure that the collector is there and lets it in.
"""

from __future__ import annotations

import re
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
_PING_S = 30
_CLOSED = re.compile(r"SECMAN:20(03|11):")
"""Nothing was said: the port of a master that starts takes connections before its collector does, and a port
that an engine publishes even before that."""
_SILENT = "something takes connections there, but no collector answers: is that the master?"


class AbsentError(Exception):
    """No collector is at the master's address, or not yet; the message says what is."""


def wait_for_master(settings: NodeSettings) -> Versions:
    """Return once the master's collector grants this node all its role needs; their HTCondor's versions.

    Raises :class:`NodeError` when it refuses the credential, when the versions do not go together, or after
    ``join_timeout_s``.
    """
    wait = Wait(settings)
    refused_since: float | None = None
    while True:
        try:
            problem, versions = _ask(settings)
        except AbsentError as error:
            refused_since = None
            wait.pause(str(error))
            continue
        if problem is None:
            break
        refused_since = refused_since or time.monotonic()
        if time.monotonic() - refused_since > _PATIENT_S:
            raise NodeError(f"the master at {settings.master} refuses this node: {problem}")
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


def _ask(settings: NodeSettings) -> tuple[str | None, Versions]:
    """None when the collector grants every authorization of the role, else the reason in words.

    Raises :class:`AbsentError`.
    """
    if problem := _connect_problem(settings):
        raise AbsentError(problem)
    wanted = contract.ROLE_AUTHORIZATIONS[settings.role]
    argv = ["condor_ping", "-pool", str(settings.master), "-type", "COLLECTOR", *wanted, "-verbose"]
    try:
        asked = subprocess.run(argv, capture_output=True, text=True, timeout=_PING_S, check=False)
    except subprocess.TimeoutExpired:
        raise AbsentError(_SILENT) from None
    if asked.returncode == 0:
        return None, read_versions(asked.stdout)
    said = f"{asked.stdout}\n{asked.stderr}"
    if _CLOSED.search(said):
        raise AbsentError(_SILENT)
    return explain_refusal(said, settings.pool), Versions(None, None)


def explain_refusal(said: str, pool: str) -> str:
    """Why the collector does not grant what was asked for, from what ``condor_ping -verbose`` says."""
    if "AUTHENTICATE:" in said:
        return (
            f"it does not take this node's token for pool {pool}. The token was revoked, or its key is gone"
            " from the master, or another pool's master answers there, or a node that is no master"
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def read_versions(told: str) -> Versions:
    """From what ``condor_ping -verbose`` tells: ``Remote Version:`` and ``Local  Version:``."""
    lines = (line.partition("Version:") for line in told.splitlines())
    versions = {name.strip(): find_version(text) for name, _, text in lines if text}
    return Versions(versions.get("Local"), versions.get("Remote"))


def is_granted(settings: NodeSettings) -> bool:
    """Whether the master's collector, in reach now, grants this node all its role needs."""
    try:
        return _ask(settings)[0] is None
    except AbsentError:
        return False
