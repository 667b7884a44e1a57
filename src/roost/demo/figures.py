"""What the analysis found, in total, and whether pool and host found the same.

Two Pythons do not accept the same files: syntax comes and goes, and a standard library carries
sources that are broken on purpose. So figures are compared file by file where both parse; what only
one of them parses, or neither, is told apart and is no difference, unless both are the same Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

FileFigures = Mapping[str, Any]
"""What :func:`roost.demo.analysis.analyze` says of one file."""


@dataclass(frozen=True)
class MostComplex:
    """The function with the most ways through it."""

    file: str
    name: str
    line: int
    complexity: int


@dataclass(frozen=True)
class Totals:
    """Figures of many files."""

    files: int
    lines: int
    functions: int
    classes: int
    most_complex: MostComplex | None


@dataclass(frozen=True)
class Findings:
    """The figures of all files by one side, and the Pythons that it parsed them with."""

    pythons: tuple[str, ...]
    files: Mapping[str, FileFigures]


@dataclass(frozen=True)
class Comparison:
    """Both sides. ``pool`` and ``host`` count the files that both could parse; the others are
    listed by who could. ``different`` are those with other figures, ``missing`` those of which the
    pool said nothing."""

    pool_pythons: tuple[str, ...]
    host_pythons: tuple[str, ...]
    pool: Totals
    host: Totals
    different: tuple[str, ...]
    missing: tuple[str, ...]
    pool_alone: tuple[str, ...]
    host_alone: tuple[str, ...]
    neither: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Nothing is missing, and wherever both sides can tell, they tell the same."""
        same_python = self.pool_pythons == self.host_pythons
        split = bool(self.pool_alone or self.host_alone)
        return not (self.different or self.missing or (same_python and split))

    def to_json(self) -> dict[str, Any]:
        """The comparison as data for ``json.dumps``."""
        return {"agree": self.agree, **asdict(self)}


def compare(pool: Findings, host: Findings) -> Comparison:
    """Compare what both sides found of the host's files."""
    missing = [name for name in host.files if name not in pool.files]
    by_acceptance: dict[tuple[bool, bool], list[str]] = {}
    for name in sorted(set(host.files) - set(missing)):
        accepted = (_parsed(pool.files[name]), _parsed(host.files[name]))
        by_acceptance.setdefault(accepted, []).append(name)
    both = by_acceptance.get((True, True), [])
    return Comparison(
        pool_pythons=pool.pythons,
        host_pythons=host.pythons,
        pool=total(pool.files, both),
        host=total(host.files, both),
        different=tuple(name for name in both if pool.files[name] != host.files[name]),
        missing=tuple(sorted(missing)),
        pool_alone=tuple(by_acceptance.get((True, False), [])),
        host_alone=tuple(by_acceptance.get((False, True), [])),
        neither=tuple(by_acceptance.get((False, False), [])),
    )


def total(files: Mapping[str, FileFigures], names: Iterable[str]) -> Totals:
    """The totals of the named files, which have to be parsed."""
    chosen = {name: files[name] for name in names}
    functions = [
        MostComplex(name, **figures["most_complex"])
        for name, figures in chosen.items()
        if figures["most_complex"]
    ]
    return Totals(
        files=len(chosen),
        lines=sum(figures["lines"] for figures in chosen.values()),
        functions=sum(figures["functions"] for figures in chosen.values()),
        classes=sum(figures["classes"] for figures in chosen.values()),
        most_complex=min(functions, key=lambda f: (-f.complexity, f.file, f.line), default=None),
    )


def _parsed(figures: FileFigures) -> bool:
    return "error" not in figures
