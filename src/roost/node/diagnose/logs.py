"""The ends of HTCondor's logs, for what they tell of trouble. Any format of their lines will do."""

from __future__ import annotations

import re
from pathlib import Path

from roost import contract
from roost.redaction import redact

_TAIL_BYTES = 64 * 1024
_LONGEST = 400

_FILES = {
    "MASTER": "MasterLog",
    "COLLECTOR": "CollectorLog",
    "NEGOTIATOR": "NegotiatorLog",
    "SCHEDD": "SchedLog",
    "STARTD": "StartLog",
    "SHARED_PORT": "SharedPortLog",
}
"""As HTCondor's own configuration names them."""

_TROUBLE = re.compile(
    r"\bERROR\b|EXCEPT|FATAL|\bfail(?:ed|ure)?\b|cannot|can't|\bdenied\b|no space left|D_ERROR",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"\b(?:Sent|Got) SIG|fail(?:ed|ures)?[ =:]+0\b|failover", re.IGNORECASE)


def read_tail(daemon: str, directory: Path = Path(contract.LOG_DIR)) -> list[str]:
    """The last lines of a daemon's log; none where there is none."""
    path = directory / _FILES.get(daemon, f"{daemon.title()}Log")
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL_BYTES))
            return file.read().decode(errors="replace").splitlines()
    except OSError:
        return []


def last_trouble(lines: list[str]) -> str:
    """The last line that tells of trouble, without its secrets; empty where none does."""
    for line in reversed(lines):
        if _TROUBLE.search(line) and not _HARMLESS.search(line):
            return redact(" ".join(line.split()))[:_LONGEST]
    return ""
