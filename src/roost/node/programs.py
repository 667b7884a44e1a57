"""The programs of a node, as supervisord's configuration. Pure text.

HTCondor's own daemons are not among them: ``condor_master`` starts and restarts those.
"""

from __future__ import annotations

from typing import NamedTuple

from roost import contract
from roost.contract import Role

SUPERVISOR_CONFIG = f"{contract.RUN_DIR}/supervisord.conf"
HTCONDOR = "condor"
"""The program whose end ends the node."""
STOP_TIMEOUT_S = 25
"""How long HTCondor may take to stop; the engine's own limit must be longer."""


class Program(NamedTuple):
    """One supervised program. ``settings`` are lines for supervisord beside those all have.

    What has a lower ``priority`` is started earlier and stopped later. A ``forked`` one is a command of
    ours that goes on in a fork of the first process, where all it needs is loaded already. One that is not
    part of the node's start waits until the node is ``idle_after_s`` old.
    """

    name: str
    command: str
    priority: int
    settings: tuple[str, ...]
    roles: frozenset[Role] = frozenset(Role)
    forked: bool = False
    idle_after_s: float = 0.0


_ENDS_BY_ITSELF = "startsecs = 0"
"""However soon it ends, it was started."""
_ALWAYS_THERE = ("autorestart = true", "startsecs = 1", "startretries = 1000000")
"""Restarted whenever it ends; at ever longer intervals when it does not even last for a second."""
_TO_STDOUT = ("stdout_logfile = /dev/stdout", "stdout_logfile_maxbytes = 0")

PROGRAMS = (
    Program(
        "logs",
        f"{contract.NODE_PROGRAM} forward-logs",
        # Stopped when nobody writes any more.
        priority=10,
        settings=(*_ALWAYS_THERE, *_TO_STDOUT),
        forked=True,
    ),
    Program(
        HTCONDOR,
        "/usr/sbin/condor_master -f",
        priority=20,
        settings=(
            "autorestart = false",
            _ENDS_BY_ITSELF,
            "startretries = 0",
            f"stopwaitsecs = {STOP_TIMEOUT_S}",
            # The clock of every daemon's log, whatever time zone the container was given.
            'environment = TZ="UTC"',
            # A complaint from before it has a log: supervision tells it as a line.
            "stdout_logfile = NONE",
            "stdout_events_enabled = true",
        ),
    ),
    Program(
        "settle",
        f"{contract.NODE_PROGRAM} settle",
        priority=30,
        settings=("autorestart = unexpected", _ENDS_BY_ITSELF, *_TO_STDOUT),
        roles=frozenset({Role.SUBMIT}),
        forked=True,
    ),
    Program(
        "health",
        f"{contract.NODE_PROGRAM} health",
        priority=40,
        settings=(*_ALWAYS_THERE, *_TO_STDOUT),
        # Not forked: its server must hold nothing of what the first process has read. What it loads would
        # take the processor from HTCondor's daemons while they start.
        idle_after_s=5.0,
    ),
)


def render_supervisor_config(role: Role) -> str:
    """supervisord's configuration for a node of that role."""
    programs = [_render(program) for program in PROGRAMS if role in program.roles]
    return "\n".join([_SUPERVISORD, *programs])


_SUPERVISORD = f"""\
[supervisord]
nodaemon = true
silent = true
user = root
logfile = /dev/null
logfile_maxbytes = 0
loglevel = warn
pidfile = {contract.RUN_DIR}/supervisord.pid
childlogdir = {contract.RUN_DIR}
"""


def _render(program: Program) -> str:
    lines = (
        f"[program:{program.name}]",
        f"command = {program.command}",
        f"priority = {program.priority}",
        "redirect_stderr = true",
        *program.settings,
    )
    return "".join(f"{line}\n" for line in lines)
