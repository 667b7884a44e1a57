"""``roost images push-to``: images to another host, over ssh."""

from __future__ import annotations

from dataclasses import asdict

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.imagechoice import SetChoice, set_options
from roost.cli.options import ENGINES
from roost.cli.output.stdout import print_json


@command(
    json=True,
    pool=False,
    examples=[
        ("roost images push-to lab7", "what that host needs for a node"),
        ("roost images push-to me@lab7 --engine-there podman", "to Podman, where both engines are"),
    ],
)
@click.option(
    "--engine-there",
    type=click.Choice(ENGINES),
    help="The engine of the other host (default: Docker if it answers, else Podman).",
)
@click.argument("host")
@set_options
@click.pass_obj
def images_push(app: App, choice: SetChoice, host: str, engine_there: str | None) -> None:
    """Bring the images of all roles to the engine of HOST, which needs an ssh server and nothing of Roost.

    HOST is what ssh calls it. Images that it has already are not sent again. ssh is started up to three
    times; a key or an agent saves typing passwords.
    """
    from roost.images.push import push_images

    app.if_interrupted = f"{host} may have some of the images; the same command sends the rest"
    with app.open_engine() as engine:
        pushed = push_images(engine, choice.names(engine), host, engine_there, app.progress)
    app.progress.close()
    if app.json:
        print_json(asdict(pushed))
        return
    where = f"{pushed.engine} on {pushed.host}"
    if pushed.sent:
        click.echo(f"{where} has got {', '.join(pushed.sent)}.")
    if pushed.there:
        click.echo(f"{where} had {', '.join(pushed.there)} already.")
