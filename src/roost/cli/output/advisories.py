"""Known vulnerabilities of an image, for people and as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from roost.cli.output.stdout import count
from roost.cli.output.table import render_table
from roost.images.advisories import Advisories, Finding, Urgency

_HEADERS = ("VULNERABILITY", "PACKAGE", "INSTALLED", "FIXED", "URGENCY", "REMOTE")
_COLORS = {Urgency.HIGH: "red", Urgency.MEDIUM: "yellow"}
_REMOTE = {True: "yes", False: "no", None: "unknown"}


def advisories_to_json(advisories: Advisories, *, only_fixed: bool) -> dict[str, Any]:
    """All of it for ``json.dumps``; what nobody knows is null."""
    return {
        "suite": advisories.suite.value,
        "source": advisories.source,
        "packages": advisories.packages,
        "findings": [_to_json(one) for one in _shown(advisories, only_fixed)],
    }


def render_advisories(advisories: Advisories, *, only_fixed: bool) -> str:
    """A table, the worst first, and a line that sums it up."""
    shown = _shown(advisories, only_fixed)
    summary = _summary(advisories)
    if not shown:
        return summary
    return "\n".join([render_table(_HEADERS, [_row(one) for one in shown]), "", summary])


def _shown(advisories: Advisories, only_fixed: bool) -> Sequence[Finding]:
    return advisories.fixable if only_fixed else advisories.findings


def _row(finding: Finding) -> tuple[str, ...]:
    one = finding.vulnerability
    return (
        one.id,
        finding.package.name,
        finding.package.version,
        _fixed(finding),
        click.style(one.urgency.value, fg=_COLORS.get(one.urgency)),
        _REMOTE[one.remote],
    )


def _fixed(finding: Finding) -> str:
    """The version, with the source package's name where it is not one of the binary package's."""
    if not finding.vulnerability.fix_available:
        return "none yet"
    version = finding.fixed_version or "(there is a fix)"
    of_source = finding.compared_version != finding.package.version
    return f"{finding.package.source} {version}" if of_source else version


def _summary(advisories: Advisories) -> str:
    """How many there are, and how many of them new images would mend."""
    packages = count(advisories.packages, "package")
    if not advisories.findings:
        return f"No known vulnerability in {packages} of {advisories.suite}."
    known = len({one.vulnerability.id for one in advisories.findings})
    affected = len({one.package.name for one in advisories.findings})
    fixable = len({one.vulnerability.id for one in advisories.fixable})
    noun = "vulnerability" if known == 1 else "vulnerabilities"
    return (
        f"{known} known {noun} in {affected} of {packages} of {advisories.suite};"
        f" a fix is there for {fixable or 'none'}."
    )


def _to_json(finding: Finding) -> dict[str, Any]:
    package, one = finding.package, finding.vulnerability
    return {
        "id": one.id,
        "description": one.description,
        "package": package.name,
        "installed_version": package.version,
        "source_package": package.source,
        "source_version": package.source_version,
        "fix_available": one.fix_available,
        "fixed_version": finding.fixed_version,
        "urgency": None if one.urgency is Urgency.UNKNOWN else one.urgency.value,
        "remote": one.remote,
    }
