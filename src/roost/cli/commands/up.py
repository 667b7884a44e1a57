"""``roost up``: make the pool what it should be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roost.cli.app import DEFAULT_FILE, App
from roost.cli.command import command
from roost.cli.output.stdout import count, print_json, say
from roost.cli.params import PathName, memory_mb, waiting_s
from roost.contract import Role

if TYPE_CHECKING:
    from roost.pool import Pool
    from roost.pool.up import UpResult


timeout_option = click.option(
    "--timeout",
    "timeout_s",
    callback=waiting_s(least=1),
    default="5m",
    show_default=True,
    metavar="TIME",
    help="How long the nodes may take to get ready. Waiting for jobs to end does not count.",
)
"""``--timeout``, of what makes nodes."""


@command(
    json=True,
    examples=[
        ("roost up", "a small pool: a master, a submit node and two executors"),
        ("roost up -n 8 --cpus 4 --memory 8GB", "eight executors with 4 CPUs and 8 GB each"),
        ("roost up -f analysis.toml", "the pool that a file describes, software included"),
        ("roost up -n 12 --dry-run", "what would change, without changing it"),
        ("roost up --pool atlas -n 3", "a second pool beside the first"),
    ],
)
@click.option("-n", "--executors", type=int, metavar="N", help="How many executors.")
@click.option(
    "-f",
    "--file",
    type=PathName(dir_okay=False),
    help="The pool file (default: ./roost.toml, if there is one).",
)
@click.option("--cpus", type=int, metavar="N", help="CPUs of each executor.")
@click.option(
    "--memory", callback=memory_mb, metavar="SIZE", help="Memory of each executor, such as 2GB."
)
@click.option(
    "--suite",
    metavar="NAME",
    help="Debian release of the images: trixie or forky (newer HTCondor).",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@timeout_option
@click.pass_obj
def up(app: App, /, file: Path | None, dry_run: bool, timeout_s: float, **settings: Any) -> None:
    """Make the pool what it should be, and wait until it is ready.

    Run it as often as you like: it makes what is missing, replaces what has changed and leaves the
    rest alone. Executors that go or are made anew finish their jobs first, however long that takes; one
    that is stopped meanwhile (`docker stop`) gives its jobs back to the queue. Flags win over the pool
    file; without a file, what no flag says stays as the pool was made.
    """
    if file is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    settings["memory_mb"] = settings.pop("memory")
    with app.open_pool(file=file, **settings) as pool:
        _warn(pool)
        if dry_run:
            from roost.cli.commands.up_preview import show_preview

            show_preview(app, pool)
            return
        app.if_interrupted = (
            f"pool {pool.name} may be half made; the same command continues, "
            f"`{app.line('down', pool.name)}` removes it"
        )
        result = pool.up(timeout_s=timeout_s)
        app.progress.close()
        show_result(app, pool, result)


def _warn(pool: Pool) -> None:
    from roost.spec import config_warnings

    for warning in config_warnings(pool.spec):
        say(f"warning: {warning}")


def show_result(app: App, pool: Pool, result: UpResult) -> None:
    """Print what was done to the pool."""
    changes = {
        kind: list(getattr(result, kind))
        for kind in ("created", "recreated", "started", "removed", "kept")
    }
    if app.json:
        print_json({"pool": pool.name, "engine": pool.engine.name, **changes})
        return
    executors = sum(
        name.startswith(f"{Role.EXECUTE}-")
        for kind, names in changes.items()
        for name in names
        if kind != "removed"
    )
    done = [f"{len(names)} {kind}" for kind, names in changes.items() if names and kind != "kept"]
    click.echo(
        f"Pool {pool.name} is ready with {count(executors, 'executor')} on {pool.engine.name} "
        f"({', '.join(done) or 'nothing to change'})."
    )
    say(f"Try: {app.line('run', pool.name)} -- hostname")
