"""A diagnosis for people: each finding by what it is about, with what was seen and the mend."""

from __future__ import annotations

from collections.abc import Iterator

import click

from roost.cli.output.safety import safe_styled
from roost.cli.output.stdout import count
from roost.pool.doctor import Diagnosis, Finding, Severity

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_MOST_NAMES = 4


def render_diagnosis(diagnosis: Diagnosis) -> str:
    """All findings, the worst first; one line says so where nothing is wrong."""
    parts = ["\n".join(_block(diagnosis, finding)) for finding in diagnosis.findings]
    if not any(finding.severity is not Severity.INFO for finding in diagnosis.findings):
        parts.insert(0, _all_is_well(diagnosis))
    return safe_styled("\n".join(parts))


def _block(diagnosis: Diagnosis, finding: Finding) -> Iterator[str]:
    severity = click.style(finding.severity.value, fg=_COLORS[finding.severity], bold=True)
    yield f"{_subject(diagnosis, finding)}: {severity}: {finding.title}"
    yield f"    seen: {finding.seen}"
    yield f"    mend: {finding.mend}"


def _subject(diagnosis: Diagnosis, finding: Finding) -> str:
    """The nodes or jobs that it is about, or the pool."""
    names = finding.nodes or finding.jobs
    shown = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
    if finding.jobs:
        return f"job {shown}" if len(finding.jobs) == 1 else f"jobs {shown}"
    return shown or f"pool {diagnosis.pool}"


def _all_is_well(diagnosis: Diagnosis) -> str:
    jobs = diagnosis.jobs
    there = sum(jobs.values())
    states = ", ".join(f"{number} {state}" for state, number in jobs.items() if number)
    looked = f"{count(len(diagnosis.nodes), 'node')}, {count(there, 'job')}"
    well = click.style("nothing is wrong", fg="green")
    return f"{looked}{f' ({states})' if there else ''}: {well}"
