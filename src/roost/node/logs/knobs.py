"""How HTCondor's daemons write their logs: so that the forwarder can read them, and none fills a disk."""

from __future__ import annotations

from roost import contract
from roost.contract import Role

_ROTATED = 3
"""Files kept of each log beside the one that is written to: what a forwarder that is restarted, or whose
reader is slow, has not read yet is still there."""
_MB = 1_000_000
_STARTERS_MB = 96
"""For the logs of all slots of an executor together."""
_LEAST_STARTER_LOG_KB = 100
_DAEMONS = {
    Role.MASTER: ("MASTER", "SHARED_PORT", "COLLECTOR", "NEGOTIATOR"),
    Role.SUBMIT: ("MASTER", "SHARED_PORT", "SCHEDD", "SCHEDD_AUDIT", "SHADOW", "SHADOW_STATS"),
    Role.EXECUTE: ("MASTER", "SHARED_PORT", "STARTD", "STARTER", "STARTER_STATS"),
}


def render_log_knobs(role: Role, slots: int) -> str:
    """The part of a node's configuration that is about its logs. ``slots``: how many it may run."""
    kept = "".join(f"MAX_NUM_{daemon}_LOG = {_ROTATED}\n" for daemon in _DAEMONS[role])
    return _COMMON + kept + {Role.SUBMIT: _SUBMIT, Role.EXECUTE: _execute(slots)}.get(role, "")


_COMMON = """\
# Logs: each event with its time (in UTC) to the millisecond, its process and its category, which tells
# errors; no more events than by default. Bounded: a file rotates when it is full, and few are kept.
DEBUG_TIME_FORMAT = %Y-%m-%dT%H:%M:%S
ALL_DEBUG = D_PID, D_CAT, D_SUB_SECOND
MAX_DEFAULT_LOG = 6 Mb
# The same lines as in the negotiator's own log.
NEGOTIATOR_MATCH_LOG =
"""

_SUBMIT = f"""\
# What happens to jobs, of all users: the event log that the schedd and the shadows share.
EVENT_LOG = {contract.LOG_DIR}/EventLog
EVENT_LOG_FORMAT_OPTIONS = ISO_DATE, UTC, SUB_SECOND
EVENT_LOG_MAX_SIZE = {6 * _MB}
EVENT_LOG_MAX_ROTATIONS = {_ROTATED}
"""


def _execute(slots: int) -> str:
    size_kb = max(_STARTERS_MB * 1000 // (slots * (_ROTATED + 1)), _LEAST_STARTER_LOG_KB)
    return f"""\
# Each slot has a log of its own.
MAX_STARTER_LOG = {min(size_kb, 6000)} Kb
"""
