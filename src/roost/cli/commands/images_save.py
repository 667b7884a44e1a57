"""``roost images save``: the images of a pool in one file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.imagechoice import SetChoice, set_options
from roost.cli.params import PathName
from roost.errors import UsageError


@command(
    pool=False,
    examples=[
        (
            "roost images save roost-images.tar",
            "all images of a pool, for a host without a registry",
        ),
        (
            "roost images save | gzip > images.tar.gz",
            "compressed; `roost images load` takes that too",
        ),
    ],
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.argument("file", required=False, type=PathName(dir_okay=False))
@set_options
@click.pass_obj
def images_save(app: App, choice: SetChoice, file: Path | None, force: bool) -> None:
    """Write the images of all roles to FILE (default: stdout), with their names.

    It is an archive as `docker save` writes it, which `roost images load` takes on any engine. With a pool
    file, the executors' image with its software is in it too.
    """
    from roost.images.carry import save_images, whole_file

    if file is None and sys.stdout.isatty():
        raise UsageError("an archive is nothing for a terminal", hint="name a FILE, or pipe it on")
    app.if_interrupted = "nothing was written"
    with app.open_engine() as engine:
        names = choice.names(engine)
        if file is None:
            save_images(engine, names, sys.stdout.buffer, app.progress)
            return
        with whole_file(file, force=force) as target:
            save_images(engine, names, target, app.progress)
    app.progress.close()
    click.echo(f"{click.format_filename(file)} holds {', '.join(names)}.", err=True)
