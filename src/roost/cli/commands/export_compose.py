"""``roost export compose``: the pool as a compose file."""

from __future__ import annotations

import os
from shlex import quote

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.exportchoice import ExportChoice, export_options, show_export


@command(
    json=True,
    examples=[
        ("roost export compose", "compose.yaml and its secrets, in ./roost-compose"),
        ("roost export compose -f lab.toml lab/", "the pool of a pool file, in lab/"),
    ],
)
@export_options
@click.pass_obj
def export_compose(app: App, choice: ExportChoice) -> None:
    """Write a compose file for this host into DIRECTORY (default: POOL-compose).

    docker-compose and podman-compose bring the pool up from it. Executors join by an invite beside it, so
    that nobody has to let them in. A file that is there stays, unless --force is given, and secrets that are
    there stay in any case, unless --new-secrets is.
    """
    from roost.export.compose import FILE, render_compose

    spec = choice.spec(app)
    with app.open_engine() as engine:
        images = choice.images(engine, spec)
    services = choice.services(spec, images)
    made = choice.write(
        f"{spec.name}-compose",
        FILE,
        services,
        lambda _: render_compose(services),
        # An engine that runs as root gives a file to its container as it is: one of somebody else's could
        # not be read there. Its directory is closed, here and in the container.
        secret_mode=0o600 if os.geteuid() == 0 else 0o644,
    )
    show_export(app, made, f"docker-compose -p {spec.name} -f {quote(str(made.file))} up -d")
