"""What ``roost doctor`` hands back: findings, the worst first, and what was looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from roost.pool.doctor.causes import Cause, Severity


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or good to know.

    ``nodes`` and ``jobs`` are what it is about; neither: the engine or the pool. ``mend`` is a command
    line in backquotes, or a sentence.
    """

    cause: Cause
    seen: str
    mend: str
    nodes: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.cause.about.severity

    @property
    def title(self) -> str:
        """The cause in a few words."""
        return self.cause.about.title

    def to_json(self) -> dict[str, Any]:
        """The finding as data for ``json.dumps``; these keys stay."""
        return {
            "cause": self.cause.value,
            "severity": self.severity.value,
            "nodes": list(self.nodes),
            "jobs": list(self.jobs),
            "title": self.title,
            "seen": self.seen,
            "mend": self.mend,
        }


@dataclass(frozen=True)
class Diagnosis:
    """All findings about a pool, worst first, and what was looked at; ``jobs`` are counts by state."""

    pool: str
    engine: str | None
    """None where none answers."""
    nodes: tuple[str, ...]
    jobs: dict[str, int]
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Nothing is wrong: no finding is an error."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The diagnosis as data for ``json.dumps``; these keys stay."""
        return {
            "pool": self.pool,
            "engine": self.engine,
            "healthy": self.healthy,
            "nodes": list(self.nodes),
            "jobs": self.jobs,
            "findings": [finding.to_json() for finding in self.findings],
        }


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By severity, then in the order of the causes: what lies deeper explains what lies above."""
    severities, causes = list(Severity), list(Cause)
    return tuple(
        sorted(
            findings,
            key=lambda one: (severities.index(one.severity), causes.index(one.cause), one.nodes),
        )
    )
