"""``roost fetch``: the results of a submission."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.safety import safe
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
    files: list[Path] = []
    with app.open_pool() as pool:
        for one in ids:
            fetched = pool.fetch(one, to=to).files
            files += fetched
            app.progress.close()
            if not app.json:  # what is here is told, whatever becomes of the next
                _show(fetched)
    if app.json:
        print_json([str(path) for path in files])
        return
    if not files:
        say("There is nothing new.")
    else:
        say(f"{count(len(files), 'file')} came back.")


def _show(files: Sequence[Path]) -> None:
    for path in files:
        name = click.format_filename(path)
        click.echo(safe(name) if sys.stdout.isatty() else name)
