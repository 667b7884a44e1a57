"""The tested examples of a page: blocks after the comment ``<!-- tested -->``, in their order.

Where there are several hosts, ``<!-- tested on NAME -->`` says which one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"^<!-- tested(?: on (\w+))? -->\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Step:
    """A command as it is typed, with the output that the page shows for it, if any."""

    command: str
    shown: str
    host: str = ""


def blocks(page: str, language: str) -> list[str]:
    """The texts of the tested blocks in one language."""
    return [block for _, kind, block in _tested(page) if kind == language]


def steps(page: str) -> Iterator[Step]:
    """The commands of all ``console`` blocks: after ``$ ``, gone on with after ``> ``."""
    for host, kind, block in _tested(page):
        if kind != "console":
            continue
        for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = piece.splitlines()
            end = next((n for n, line in enumerate(lines) if n and line[:2] != "> "), len(lines))
            typed = [lines[0], *(line[2:] for line in lines[1:end])]
            yield Step("\n".join(typed), "\n".join(lines[end:]).strip(), host)


def _tested(page: str) -> list[tuple[str, str, str]]:
    """Host, language and text of each tested block."""
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def matches(output: str, shown: str) -> bool:
    """Whether the output is what the page shows; ``...`` stands for anything. How wide a gap
    between columns is means nothing."""
    output, shown = (re.sub(" +", " ", text.strip()) for text in (output, shown))
    pattern = ".*".join(re.escape(part) for part in shown.split("..."))
    return re.fullmatch(pattern, output, re.DOTALL) is not None
