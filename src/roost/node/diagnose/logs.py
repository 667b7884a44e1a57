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

_ERROR = re.compile(r"\bERROR\b|\bEXCEPT|FATAL|\(D_ERROR|no space left", re.IGNORECASE)
_TROUBLE = re.compile(r"\bfail(?:ed|ure)?\b|cannot|can't|\bdenied\b", re.IGNORECASE)
_HARMLESS = re.compile(
    r"\b(?:Sent|Got) SIG|fail(?:ed|ures)?[ =:]+0\b|failover|invalid session|getTokenSigningKey|is logging",
    re.IGNORECASE,
)
"""The last two: what HTCondor says after any restart, and of any token whose key is elsewhere."""


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
    """The last error, else the last line that tells of trouble, without secrets; empty for none."""
    for pattern in (_ERROR, _TROUBLE):
        for line in reversed(lines):
            if pattern.search(line) and not _HARMLESS.search(line):
                return redact(" ".join(line.split()))[:_LONGEST]
    return ""
