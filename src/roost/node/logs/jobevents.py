"""An event of the global event log as a line that reads well. The format is that of condor_event.cpp."""

from __future__ import annotations

import re

from roost.logline import EVENT, Level
from roost.node.logs.line import Line

_HEADER = re.compile(
    r"(\d{3}) \((\d+)\.(\d+)\.\d+\) (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{3})?\d*Z? ?"
)
_ADDRESS = re.compile(r"<([^<>?\s]+)\?[^<>\s]*>")
_BLANKS = re.compile(r"\s+")
_WARNINGS = {
    "002": "not executable",
    "007": "shadow exception",
    "009": "aborted",
    "012": "held",
    "021": "remote error",
    "022": "disconnected",
    "024": "reconnection failed",
}
_NOISE = {
    "006": "image size",
    "008": "generic: the header of the log",
    "028": "job ad information",
}


def parse_job_event(text: str) -> Line:
    """One event: headline and details on one line, addresses without their parameters."""
    found = _HEADER.match(text)
    body = text[found.end() :] if found else text
    parts = [_BLANKS.sub(" ", part).strip() for part in body.splitlines()]
    message = _ADDRESS.sub(r"\1", _join([part for part in parts if part and part != "..."]))
    if not found:
        return Line(EVENT, None, message)
    number, cluster, process, date, time, fraction = found.groups()
    job = f"{int(cluster)}.{int(process)}" if int(cluster) else None
    return Line(
        EVENT, f"{date}T{time}{fraction or '.000'}Z", message, job=job, level=_level(number)
    )


def _join(parts: list[str]) -> str:
    if not parts:
        return ""
    headline, *details = parts
    return f"{headline} {'; '.join(details)}" if details else headline


def _level(number: str) -> Level:
    if number in _WARNINGS:
        return Level.WARNING
    return Level.DEBUG if number in _NOISE else Level.INFO
