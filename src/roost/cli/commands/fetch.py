"""``roost fetch``: the results of a submission."""

from __future__ import annotations

from pathlib import Path

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import count, print_json, say
from roost.cli.params import PathName


@command(
    json=True,
    examples=[
        ("roost fetch 12", "to where it was submitted from"),
        ("roost fetch 12 --to results", "to another directory"),
    ],
)
@click.option(
    "--to",
    type=PathName(file_okay=False),
    metavar="DIR",
    help="Where the files go (default: where the jobs were submitted from).",
)
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def fetch(app: App, to: Path | None, ids: tuple[str, ...]) -> None:
    """Bring back what the jobs of a submission made, and name the files.

    It may be repeated, also while jobs still run.
    """
    app.if_interrupted = "the results stay in the pool; the same command brings them again"
    with app.open_pool() as pool:
        results = [pool.fetch(one, to=to) for one in ids]
    app.progress.close()
    files = [path for result in results for path in result.files]
    if app.json:
        print_json([str(path) for path in files])
        return
    for path in files:
        click.echo(click.format_filename(path))
    if not files:
        say("There is nothing new.")
    else:
        say(f"{count(len(files), 'file')} came back.")
