"""``roost images load``: images from a file."""

from __future__ import annotations

from typing import IO

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.params import PathName
from roost.errors import RoostError, UsageError


@command(
    json=True,
    pool=False,
    examples=[
        ("roost images load roost-images.tar", "what `roost images save` wrote on another host"),
        ("ssh head roost images save | roost images load", "without a file in between"),
    ],
)
@click.argument("file", type=PathName(dir_okay=False, allow_dash=True, path_type=str), default="-")
@click.pass_obj
def images_load(app: App, file: str) -> None:
    """Take the images in FILE (default: stdin) into this host's engine, under the names that they had.

    Before that, all of it is read, and every layer compared with its digest. An archive that is damaged, or
    holds anything but Roost's images, is refused, and nothing changes. The digests tell damage, not who
    made the images: take them from whom you would take a program.
    """
    from roost.images.carry import load_images

    app.if_interrupted = "the engine may have some of the images; the same command takes all"
    with _opened(file) as archive, app.open_engine() as engine:
        loaded = load_images(engine, archive, app.progress)
        name = engine.name
    app.progress.close()
    if app.json:
        print_json({"images": list(loaded.images), "used_here": loaded.used_here, "engine": name})
        return
    click.echo(f"{name} has {', '.join(loaded.images)}.")
    if not loaded.used_here:
        say(
            "They are of another version of Roost than the one here, which would build its own for `roost up`"
            " and `roost join`; `docker run` and stacks take them by name."
        )


def _opened(file: str) -> IO[bytes]:
    try:
        archive: IO[bytes] = click.open_file(file, "rb")
    except OSError as error:
        raise RoostError(f"cannot read {file}: {error.strerror or error}") from error
    if archive.isatty():
        raise UsageError("an archive cannot be typed in", hint="name a FILE, or pipe one in")
    return archive
