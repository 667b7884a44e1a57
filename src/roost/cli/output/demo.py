"""The result of the demo for people."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from roost.cli.output.stdout import count
from roost.cli.output.table import render_table
from roost.cli.output.timeline import render_timeline
from roost.demo import Comparison, DemoResult, Part, Totals

_MOST_NAMES = 3


def render_demo(result: DemoResult) -> str:
    """Figures, verdict, time line and speed."""
    return "\n".join(
        [
            f"{result.files} Python files, {_mb(result.size)} MB, from {result.directory}",
            "",
            _figures(result.comparison),
            "",
            *_verdict(result.comparison),
            "",
            render_timeline(result.parts, unicode=_has_unicode()),
            "",
            _executors(result.parts),
            "",
            f"Pool: {_speed(result, result.pool_s)}, from submission to the last result",
            f"Host: {_speed(result, result.host_s)}, "
            f"on {count(result.host_processors, 'processor')}",
        ]
    )


def _figures(comparison: Comparison) -> str:
    pool, host = comparison.pool, comparison.host
    rows = [
        (name, f"{getattr(pool, name):,}", f"{getattr(host, name):,}")
        for name in ("files", "lines", "functions", "classes")
    ]
    rows.append(("most complex function", _most_complex(pool), _most_complex(host)))
    return render_table(["FOUND BY", "POOL", "HOST"], rows)


def _most_complex(totals: Totals) -> str:
    most = totals.most_complex
    return f"{most.name} ({most.complexity} ways)" if most else ""


def _verdict(comparison: Comparison) -> Iterator[str]:
    """Whether both agree, and what could not be compared."""
    most = comparison.host.most_complex
    if most:
        yield f"The most complex function is in {most.file}, line {most.line}."
    pool, host = (
        f"Python {'/'.join(pythons)}"
        for pythons in (comparison.pool_pythons, comparison.host_pythons)
    )
    for names, what in (
        (comparison.pool_alone, f"parsed by the pool's {pool} alone"),
        (comparison.host_alone, f"parsed by the host's {host} alone"),
        (comparison.neither, "parsed by neither"),
        (comparison.different, "with other figures from the pool than from the host"),
        (comparison.missing, "of which the pool said nothing"),
    ):
        if names:
            yield f"Not counted: {count(len(names), 'file')} {what}: {_few(names)}"
    if comparison.agree:
        yield click.style("Pool and host agree on every file that both can parse.", fg="green")
    else:
        yield click.style("Pool and host do not agree.", fg="red", bold=True)


def _few(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _executors(parts: tuple[Part, ...]) -> str:
    by_name: dict[str, list[Part]] = {}
    for part in sorted(parts, key=lambda one: (len(one.executor), one.executor)):
        by_name.setdefault(part.executor, []).append(part)
    rows = [
        (
            name,
            str(len(mine)),
            str(sum(part.files for part in mine)),
            f"{_mb(sum(part.size for part in mine))} MB",
            f"{sum(part.ended - part.started for part in mine):.1f} s",
        )
        for name, mine in by_name.items()
    ]
    return render_table(["EXECUTOR", "JOBS", "FILES", "SIZE", "BUSY"], rows)


def _speed(result: DemoResult, took_s: float) -> str:
    return f"{took_s:.1f} s, {result.files / took_s:.0f} files/s, {_mb(result.size / took_s)} MB/s"


def _mb(size: float) -> str:
    return f"{size / 1e6:.1f}"


def _has_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().startswith("utf")
