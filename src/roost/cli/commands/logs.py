"""``roost logs``: what the nodes write, merged in time."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.completions import complete_node
from roost.cli.output.stdout import print_json_line
from roost.cli.params import moment
from roost.pool.logs import LogLine

_COLORS = ("cyan", "yellow", "green", "magenta", "blue")


@command(
    json=True,
    examples=[
        ("roost logs", "everything that the nodes have said, oldest first"),
        ("roost logs -f -n 20 execute-1", "the last lines of one node, and what comes"),
        ("roost logs --since 10m | grep -i error", "what went wrong just now"),
    ],
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "-n",
    "--tail",
    type=click.IntRange(min=0),
    metavar="N",
    help="Only the last N lines of each node (default: all).",
)
@click.option(
    "--since",
    callback=moment,
    metavar="TIME",
    help="Only what came since: 30s, 10m, 2h, 1d ago, or a time such as 2026-05-01T12:00.",
)
@click.argument("node", required=False, shell_complete=complete_node)
@click.pass_obj
def logs(app: App, node: str | None, follow: bool, tail: int | None, since: float | None) -> None:
    """Show the logs of all nodes, or of one, in the order of time.

    With --json each line is an object with `time`, `node` and `text`.
    """
    app.if_interrupted = ""
    with app.open_pool() as pool:
        lines = pool.logs(node, follow=follow, tail=tail, since=since)
        if app.json:
            for line in lines:
                print_json_line({"time": line.time, "node": line.node, "text": line.text})
                sys.stdout.flush()
            return
        for text in _with_names(lines) if node is None else (line.text for line in lines):
            click.echo(text)


def _with_names(lines: Iterator[LogLine]) -> Iterator[str]:
    """Each line after its node, in a color of its own; columns get wider as names do."""
    colors: dict[str, str] = {}
    width = 0
    for line in lines:
        color = colors.setdefault(line.node, _COLORS[len(colors) % len(_COLORS)])
        width = max(width, len(line.node))
        yield f"{click.style(line.node.ljust(width), fg=color)} | {line.text}"
