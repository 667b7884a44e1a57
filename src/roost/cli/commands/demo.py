"""``roost demo``: real work through a pool, start to finish."""

from __future__ import annotations

import os
from pathlib import Path

import click

from roost.cli.app import DEFAULT_FILE, App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.params import PathName
from roost.contract import Role
from roost.errors import ExitCode, NotFoundError

_MOST_EXECUTORS = 8


@command(
    json=True,
    examples=[
        ("roost demo", "this Python's standard library, through the pool"),
        ("roost demo -n 4", "with four executors"),
        ("roost demo --input ~/analysis", "sources of yours"),
    ],
)
@click.option(
    "--input",
    "directory",
    type=PathName(file_okay=False),
    metavar="DIR",
    help="Analyze the Python sources below DIR (default: the standard library).",
)
@click.option("-n", "--executors", type=int, metavar="N", help="How many executors.")
@click.pass_obj
def demo(app: App, directory: Path | None, executors: int | None) -> ExitCode:
    """Put real work through a pool, and check the result.

    It brings the pool up if it is not, sends this Python's standard library through it as jobs
    that parse every file and measure its functions, merges what they bring back, and compares that
    with what this host finds by itself. The pool stays up.
    """
    from roost.cli.output.demo import render_demo
    from roost.demo import run_demo

    pool_name = bring_up(app, executors)
    app.if_interrupted = f"pool {pool_name} stays up; `{app.line('down', pool_name)}` removes it"
    with app.open_pool(pool_name) as pool:
        result = run_demo(pool, directory, report=app.progress)
    app.progress.close()
    if app.json:
        print_json({"pool": pool_name, **result.to_json()})
    else:
        click.echo(render_demo(result))
        _show_the_way(app, pool_name)
    return ExitCode.DONE if result.comparison.agree else ExitCode.FAILED


def bring_up(app: App, executors: int | None) -> str:
    """See to it that the pool is ready, and return its name. One that is stays as it is, unless the
    number of executors was given."""
    with app.open_pool() as pool:
        try:
            status = pool.status()
        except NotFoundError:
            status = None
    name = pool.name
    if status and status.ready and executors is None:
        return name
    if status and executors is None:
        executors = sum(node.role is Role.EXECUTE and node.here for node in status.nodes) or None
    file = DEFAULT_FILE if DEFAULT_FILE.is_file() else None
    if file is None and executors is None:
        executors = min(_MOST_EXECUTORS, max(2, os.cpu_count() or 2))
    app.if_interrupted = (
        f"pool {name} may be half made; the same command continues, "
        f"`{app.line('down', name)}` removes it"
    )
    with app.open_pool(name, file=file, executors=executors) as pool:
        pool.up()
    return name


def _show_the_way(app: App, pool: str) -> None:
    """How to look further."""
    ways = (
        (app.line("status", pool), "the pool at a glance"),
        (app.line("exec", pool) + " submit -- condor_history", "the jobs, as HTCondor knows them"),
        (app.line("logs", pool), "what the nodes said"),
        (app.line("run", pool) + " -- CMD", "a command of yours as a job"),
        (app.line("down", pool), "remove the pool"),
    )
    say(f"\nPool {pool} stays up. From here:\n" + "\n".join(f"  {a}  # {b}" for a, b in ways))
