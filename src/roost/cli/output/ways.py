"""The ways between nodes, for people: a table, what does not serve with its mend, and what was not seen."""

from __future__ import annotations

from collections.abc import Iterator

import click

from roost.cli.output.safety import safe_styled
from roost.cli.output.stdout import count
from roost.cli.output.table import render_table
from roost.pathfacts import Path, Peer
from roost.pathverdict import HEADERS, Problem, find_problem, row
from roost.pool.doctor.network import NetworkReport


def render_network(report: NetworkReport) -> str:
    """The whole report."""
    parts = [render_table(HEADERS, [_row(path) for path in report.paths]), ""]
    parts += [line for problem in report.problems for line in _problem(problem)]
    parts += [f"{node}: {_error()}: {why}" for node, why in report.unmeasured]
    if report.healthy:
        well = click.style("all that jobs need serve", fg="green")
        parts.append(f"{count(len(report.paths), 'way')} from here: {well}")
    parts += _elsewhere(report.elsewhere)
    return safe_styled("\n".join(parts))


def _row(path: Path) -> tuple[str, ...]:
    problem = find_problem(path)
    if problem is None:
        return row(path)
    color = "red" if problem.failure else "yellow"
    source, target, *rest = row(path)
    return click.style(source, fg=color), click.style(target, fg=color), *rest


def _problem(problem: Problem) -> Iterator[str]:
    word = _error() if problem.failure else click.style("warning", fg="yellow", bold=True)
    yield f"{problem.source} -> {problem.target}: {word}"
    yield f"    seen: {problem.seen}"
    yield f"    mend: {problem.mend}"


def _error() -> str:
    return click.style("error", fg="red", bold=True)


def _elsewhere(peers: tuple[Peer, ...]) -> Iterator[str]:
    if not peers:
        return
    names = ", ".join(f"{one.name} ({one.host})" if one.host else one.name for one in peers)
    yield (
        f"Nodes of other hosts: {names}. Ways to them are in the table; for those from them, run this on"
        " their hosts as well, or `docker exec CONTAINER roost-node network`"
    )
