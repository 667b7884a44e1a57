"""``roost rm``: jobs out of the queue."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import count, print_json, say


@command(
    json=True,
    examples=[
        ("roost rm 12", "all jobs of a submission"),
        ("roost rm 12.3 12.4", "two jobs of it"),
        ("roost rm --purge 12", "its results too, also if nobody fetched them"),
    ],
)
@click.option("--purge", is_flag=True, help="Delete results that were never fetched, too.")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def rm(app: App, purge: bool, ids: tuple[str, ...]) -> None:
    """Remove jobs from the queue.

    An ID is a submission (12) or one job of it (12.3). Results that were not fetched stay, unless
    they are purged.
    """
    with app.open_pool() as pool:
        jobs = app.line("jobs", pool.name)
        app.if_interrupted = f"jobs may be removed already; `{jobs}` shows those that are left"
        result = pool.rm(*ids, purge=purge)
        app.progress.close()
        name = pool.name
    if app.json:
        kept = {cluster: list(paths) for cluster, paths in result.kept.items()}
        print_json({"removed": list(result.removed), "kept": kept})
        return
    click.echo(f"Removed {count(len(result.removed), 'job')}.")
    for cluster, paths in result.kept.items():
        say(
            f"{cluster} has {count(len(paths), 'result')} that nobody fetched: "
            f"`{app.line('fetch', name)} {cluster}` brings them, "
            f"`{app.line('rm', name)} --purge {cluster}` deletes them."
        )
