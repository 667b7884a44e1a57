"""supervisord as the process manager of a node, and the guard that ends the node with HTCondor.

``condor_master`` restarts HTCondor's daemons itself. When it dies, nothing of HTCondor may live on in
this container: a second schedd on the same spool, and jobs that run twice beside their orphaned
starters, were both seen. So supervisord does not restart it; the guard stops supervisord, which is the
container's first process, and the kernel ends the rest.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from roost import contract
from roost.contract import Role
from roost.node.say import NodeError, say
from roost.node.settle import MARKER

SUPERVISOR_CONFIG = "/run/roost/supervisord.conf"
_DEATH_NOTE = Path("/run/roost/died")
STOP_TIMEOUT_S = 25
"""How long HTCondor may take to stop; the engine's own limit must be longer."""


def render_supervisor_config(role: Role) -> str:
    """supervisord's configuration for a node of that role."""
    return _COMMON + (_SETTLE if role is Role.SUBMIT else "")


_COMMON = f"""\
[supervisord]
nodaemon = true
user = root
logfile = /dev/null
logfile_maxbytes = 0
loglevel = warn
pidfile = /run/roost/supervisord.pid
childlogdir = /run/roost

[program:condor]
command = /usr/sbin/condor_master -f
autorestart = false
startsecs = 0
startretries = 0
stopsignal = TERM
stopwaitsecs = {STOP_TIMEOUT_S}
stdout_logfile = /dev/stdout
stdout_logfile_maxbytes = 0
redirect_stderr = true

[eventlistener:guard]
command = {contract.NODE_PROGRAM} guard
events = PROCESS_STATE_EXITED, PROCESS_STATE_FATAL
autorestart = true
stderr_logfile = /dev/stderr
stderr_logfile_maxbytes = 0
"""

_SETTLE = f"""
[program:settle]
command = {contract.NODE_PROGRAM} settle
autorestart = unexpected
startsecs = 0
stdout_logfile = /dev/stdout
stdout_logfile_maxbytes = 0
redirect_stderr = true
"""


def run_supervisord() -> int:
    """Become supervisord, in this process, until the node stops. The container's exit code.

    It is 0 when the engine asked for the stop, and 1 when ``condor_master`` ended by itself.
    """
    from supervisor.medusa.asyncore_25 import ExitNow
    from supervisor.options import ServerOptions
    from supervisor.supervisord import Supervisor

    _DEATH_NOTE.unlink(missing_ok=True)
    MARKER.unlink(missing_ok=True)
    options = ServerOptions()
    try:
        options.realize(["-c", SUPERVISOR_CONFIG])
        options.first, options.test = True, False  # as supervisord's own main() says them
        options.poller = _EagerPoller(options.poller)
        Supervisor(options).main()
    except ExitNow:
        pass
    except SystemExit as ending:
        if ending.code:
            raise NodeError(f"supervisord ended with {ending.code}") from None
    options.close_logger()
    return 1 if _DEATH_NOTE.exists() else 0


class _EagerPoller:
    """supervisord's own poller, whose first wait is none.

    supervisord 4.2.5 starts its programs after its first poll, which lasts a whole second when nothing
    happens: a second of every node's start.
    """

    def __init__(self, poller: Any) -> None:
        self._poller = poller
        self._first = True

    def poll(self, timeout: float) -> Any:
        timeout, self._first = (0 if self._first else timeout), False
        return self._poller.poll(timeout)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poller, name)


def guard(_arguments: list[str]) -> int:
    """supervisord's event listener: when ``condor_master`` ends, end the node."""
    answers = sys.stdout
    answers.write("READY\n")
    answers.flush()
    for headers, payload in _read_events(sys.stdin):
        if payload.get("processname") == "condor":
            # Standard output belongs to supervisord's protocol here.
            sys.stdout = sys.stderr
            say(f"condor_master ended ({headers['eventname']}): stopping this node", level="ERROR")
            _DEATH_NOTE.touch()
            os.kill(os.getppid(), signal.SIGTERM)
        answers.write("RESULT 2\nOKREADY\n")
        answers.flush()
    return 0


def _read_events(events: TextIO) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Headers and payload of each event; see "Event Listeners" in supervisor's manual."""
    while line := events.readline():
        headers = _pairs(line)
        yield headers, _pairs(events.read(int(headers.get("len", "0"))))


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in text.split() if ":" in pair)
