"""Jobs as people speak of them: ids, states, ends; from the attributes of their ads.

Follows "Job ClassAd Attributes" in HTCondor's manual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from roost.errors import UsageError
from roost.jobreach import disconnected_since

_ID = re.compile(r"([1-9][0-9]{0,8})(?:\.([0-9]{1,8}))?")
_SIGNAL_BASE = 128


class JobState(StrEnum):
    """HTCondor's JobStatus, in words."""

    IDLE = "idle"
    RUNNING = "running"
    REMOVED = "removed"
    COMPLETED = "completed"
    HELD = "held"
    TRANSFERRING = "transferring"
    """Its results are on their way back."""
    SUSPENDED = "suspended"


_BY_NUMBER = dict(enumerate(JobState, start=1))


@dataclass(frozen=True)
class JobInfo:
    """One job. Times are seconds of the epoch; None where it has not come to that."""

    cluster: int
    process: int
    owner: str
    state: JobState
    command: str
    submitted: float
    started: float | None
    ended: float | None
    run_s: float
    host: str | None
    """The slot that runs it, or ran it last."""
    exit_code: int | None
    """128+n for the end by signal n."""
    reason: str | None
    """Why it is on hold, or was removed."""
    disconnected: float | None
    """Since when its executor has not been heard, while its lease keeps it there; None: it is heard."""

    @property
    def id(self) -> str:
        """``12.3``."""
        return f"{self.cluster}.{self.process}"


def check_job_id(text: str) -> str:
    """``12``, a cluster, or ``12.3``, one process of it. Raises :class:`UsageError`."""
    match = _ID.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"{text!r} is no job",
            hint="write 12 for all jobs of a submission, 12.3 for one of them",
        )
    return match[0]


def parse_job(ad: Mapping[str, Any], now: float) -> JobInfo:
    """A job from its ad; ``now`` (seconds of the epoch) dates how long it has run."""
    state = _BY_NUMBER.get(int(ad["JobStatus"]), JobState.IDLE)
    started = _time(ad, "JobCurrentStartDate") or _time(ad, "JobStartDate")
    over = state in (JobState.COMPLETED, JobState.REMOVED)
    run_s = float(ad.get("RemoteWallClockTime", 0))
    if state is JobState.RUNNING and started:
        run_s = max(0.0, now - started)
    return JobInfo(
        cluster=int(ad["ClusterId"]),
        process=int(ad["ProcId"]),
        owner=str(ad.get("Owner", "")),
        state=state,
        command=_command(ad),
        submitted=float(ad.get("QDate", 0)),
        started=started,
        ended=(_time(ad, "CompletionDate") or _time(ad, "EnteredCurrentStatus")) if over else None,
        run_s=run_s,
        host=ad.get("RemoteHost") or ad.get("LastRemoteHost") or None,
        exit_code=_exit_code(ad) if state is JobState.COMPLETED else None,
        reason=ad.get("HoldReason" if state is JobState.HELD else "RemoveReason") or None,
        disconnected=disconnected_since(ad) if state is JobState.RUNNING else None,
    )


def _exit_code(ad: Mapping[str, Any]) -> int | None:
    if ad.get("ExitBySignal"):
        return _SIGNAL_BASE + int(ad.get("ExitSignal", 0))
    return int(ad["ExitCode"]) if "ExitCode" in ad else None


def _command(ad: Mapping[str, Any]) -> str:
    """As the user wrote it where that is known, else its program's name and arguments."""
    if ad.get("JobDescription"):
        return str(ad["JobDescription"])
    program = PurePosixPath(str(ad.get("Cmd", ""))).name
    return f"{program} {ad.get('Arguments') or ad.get('Args') or ''}".strip()


def _time(ad: Mapping[str, Any], name: str) -> float | None:
    return float(ad[name]) if ad.get(name) else None
