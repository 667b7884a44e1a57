"""``roost-node health``: the process that keeps the node's health.

Every second it glances at /proc, which costs next to nothing; every :data:`HEALTH_INTERVAL_S`, or as
soon as a daemon ended or started, it asks HTCondor.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from functools import partial

from roost.contract import Role
from roost.logline import Level
from roost.node.accounts.afterwards import Janitor
from roost.node.accounts.memory import MemoryWatch
from roost.node.door.bell import Bell
from roost.node.foundagain import FoundAgain
from roost.node.health.attempts import Attempts
from roost.node.health.daemons import DaemonWatch
from roost.node.health.judge import WORKER
from roost.node.health.keeper import Keeper
from roost.node.heldoff import switch_on_forgotten
from roost.node.lostjobs import LostJobs
from roost.node.masteraddress import MasterAddress
from roost.node.say import NodeError, say
from roost.node.settings import read_settings

GLANCE_S = 1.0
_SETTLE_S = 2.0
"""After the role's daemon has started: looking earlier would only make its start slower."""
_NICENESS = 10


def health(_arguments: list[str]) -> int:
    """Run until the node ends. Raises :class:`NodeError` at the end of the process that serves, which
    is started again with this one."""
    os.nice(_NICENESS)
    settings = read_settings(os.environ, os.uname().nodename)
    watch = DaemonWatch(os.getppid())
    keeper = Keeper(settings, watch, time.time())
    keeper.publish(time.time())
    _await_daemon(watch, WORKER[settings.role])
    from roost.node.health.server import start_server  # 30 ms, which the start need not wait for

    # What looks has to load much, and the process that serves must have none of it: that one first.
    server = _Server(start_server(settings.metrics)) if settings.metrics else None
    keeper.prepare()
    janitor, memory = Janitor(), MemoryWatch()
    bell = Bell() if settings.role is Role.MASTER else None
    master = MasterAddress(settings)
    submit = (LostJobs(), FoundAgain()) if settings.role is Role.SUBMIT else ()
    attempts = Attempts()
    while True:
        problem = server.problem() if server else None
        attempts.take("health", partial(keeper.step, time.time(), problem))
        attempts.take("daemons that are off", partial(switch_on_forgotten, time.time()))
        attempts.take("memory of jobs", lambda: memory.look(janitor.glance(), time.time()))
        attempts.take("the master's address", lambda: master.step(time.monotonic()))
        if bell:
            attempts.take("requests for tokens", partial(bell.step, time.monotonic()))
        for jobs in submit:
            attempts.take("jobs that were lost or found", partial(jobs.step, time.monotonic()))
        time.sleep(GLANCE_S)


def _await_daemon(watch: DaemonWatch, name: str) -> None:
    while True:
        watch.look(time.time())
        daemon = watch.daemons.get(name)
        if daemon and time.time() - daemon.started > _SETTLE_S:
            return
        switch_on_forgotten(time.time())  # it would be waited for in vain
        time.sleep(GLANCE_S / 2)


class _Server:
    """What the process that serves says of itself."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told
        self._problem: str | None = None

    def problem(self) -> str | None:
        """What keeps it from listening; None when nothing does. Raises NodeError at its end."""
        with suppress(BlockingIOError):
            told = self._told.recv(4096).decode(errors="replace")
            if not told:
                raise NodeError("the process that serves health and metrics ended")
            self._problem = told.splitlines()[-1] or None
            if self._problem:
                say(f"health and metrics are not served: {self._problem}", level=Level.WARNING)
        return self._problem
