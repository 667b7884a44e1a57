"""``roost logs``: what the nodes say, merged in time."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.completions import complete_node
from roost.cli.output.loglines import LineWriter
from roost.cli.params import moment
from roost.contract import Role
from roost.logline import DAEMONS, Level, LogRecord

_DAEMONS = [daemon.lower() for daemon in DAEMONS]
_BATCH = 200
"""Lines that are written at once where nobody waits for the next one."""


@command(
    json=True,
    examples=[
        ("roost logs", "what the nodes have said, oldest first"),
        ("roost logs --job 12.3", "the story of a job, on all nodes"),
        ("roost logs --level warning --since 1h", "what went wrong lately"),
        ("roost logs -f -n 20 execute-1", "the last lines of one node, and what comes"),
        ("roost logs --daemon shadow --daemon starter --json", "two daemons, for a program"),
    ],
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "-n",
    "--tail",
    type=click.IntRange(min=0),
    metavar="N",
    help="Only the last N lines of all that would be shown.",
)
@click.option(
    "--since",
    callback=moment,
    metavar="TIME",
    help="Only what came since: 30s, 10m, 2h, 1d ago, or a time such as 2026-05-01T12:00 (by this"
    " host's clock, or with a Z at its end in UTC).",
)
@click.option("--until", callback=moment, metavar="TIME", help="Only what came before.")
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role], case_sensitive=False),
    multiple=True,
    help="Only nodes of the role; may be repeated.",
)
@click.option(
    "-d",
    "--daemon",
    "daemons",
    type=click.Choice(_DAEMONS, case_sensitive=False),
    multiple=True,
    metavar="DAEMON",
    help=f"Only lines of the daemon; may be repeated. One of {', '.join(_DAEMONS)}.",
)
@click.option(
    "--level",
    type=click.Choice([level.value.lower() for level in Level], case_sensitive=False),
    default=Level.INFO.value.lower(),
    show_default=True,
    help="Only lines of the level, and of worse ones; `debug` shows every line.",
)
@click.option(
    "--job",
    metavar="ID",
    help="Only lines about a job (12.3) or about a submission and its jobs (12).",
)
@click.argument("nodes", nargs=-1, metavar="[NODE]...", shell_complete=complete_node)
@click.pass_obj
def logs(
    app: App,
    nodes: tuple[str, ...],
    follow: bool,
    tail: int | None,
    since: float | None,
    until: float | None,
    roles: tuple[str, ...],
    daemons: tuple[str, ...],
    level: str,
    job: str | None,
) -> None:
    """Show the logs of all nodes, or of some, in the order of time.

    A line has the time (UTC), the node, the daemon, the slot and the job, and the level where it is not
    INFO; `?...` stands for the parameters of an address. With --json each line is an object with
    `time`, `node`, `daemon`, `level`, `slot`, `job`, `position` and `message`, as it was written.
    Filters combine. docs/logs.md tells more.
    """
    app.if_interrupted = ""
    with app.open_pool() as pool:
        records = pool.logs(
            *nodes,
            roles=roles,
            daemons=daemons,
            level=level,
            job=job,
            since=since,
            until=until,
            tail=tail,
            follow=follow,
        )
        line_of = (
            _as_json if app.json else LineWriter(node=len(nodes) != 1, job="." not in (job or ""))
        )
        write(records, line_of, at_once=1 if follow else _BATCH)


def write(
    records: Iterator[LogRecord], line_of: Callable[[LogRecord], str], *, at_once: int
) -> None:
    """Write the line of each record, so many at once, and what there is before an error."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # not every terminal can show what logs hold
        sys.stdout.reconfigure(errors="backslashreplace")
    lines: list[str] = []
    try:
        for record in records:
            lines.append(line_of(record))
            if len(lines) >= at_once:
                click.echo("\n".join(lines))
                lines.clear()
    finally:
        if lines:
            click.echo("\n".join(lines))


def _as_json(record: LogRecord) -> str:
    return json.dumps(record.to_json())
