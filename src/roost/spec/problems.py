"""What is wrong with a pool file: all of it at once, each with its place and its mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roost.errors import UsageError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; ``key`` is its path, such as ``volumes[0].target``.

    ``line`` counts from 1 and is None where the file has no such line.
    """

    key: str
    message: str
    mend: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        key = f"{self.key}: " if self.key else ""
        mend = f" ({self.mend})" if self.mend else ""
        return f"{place}{key}{self.message}{mend}"


class PoolFileError(UsageError):
    """A pool file or settings that cannot be used; ``problems`` holds all that is wrong."""

    def __init__(self, origin: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(render_problems(origin, self.problems))


def render_problems(origin: str, problems: Sequence[Problem]) -> str:
    """``origin`` and its problems: on one line when there is one, otherwise one line for each."""
    if len(problems) == 1:
        return f"{origin}: {problems[0]}"
    lines = [f"{origin} has {len(problems)} problems:", *(f"  {problem}" for problem in problems)]
    return "\n".join(lines)
