"""Plain aligned tables: the same on a terminal and off one, and easy on ``awk``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from roost.cli.output.safety import safe_styled

_GAP = "  "


def render_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; an empty cell is shown as ``-``.

    Cells may be styled with ``click.style``, which takes no width.
    """
    table = [list(headers), *([_one_line(cell) or "-" for cell in row] for row in rows)]
    widths = [max(_width(row[n]) for row in table) for n in range(len(headers))]
    return "\n".join(_render_row(row, widths) for row in table)


def _one_line(cell: str) -> str:
    return safe_styled(cell).replace("\n", "\\n").replace("\t", "\\t")


def _render_row(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
    return _GAP.join(cells).rstrip()


def _width(cell: str) -> int:
    return len(click.unstyle(cell))
