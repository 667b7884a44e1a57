"""``roost images``: what is known of the images themselves, and their way to other hosts."""

from __future__ import annotations

import click

from roost.cli.command import SETTINGS, CommandGroup
from roost.cli.commands.images_advisories import images_advisories
from roost.cli.commands.images_load import images_load
from roost.cli.commands.images_push import images_push
from roost.cli.commands.images_save import images_save
from roost.cli.commands.images_sbom import images_sbom
from roost.cli.options import shared_options


@click.group(cls=CommandGroup, context_settings=SETTINGS, params=shared_options(pool=False))
def images() -> None:
    """Look at the images that pools are made of, and bring them to other hosts."""


images.add_command(images_sbom, "sbom")
images.add_command(images_advisories, "advisories")
images.add_command(images_save, "save")
images.add_command(images_load, "load")
images.add_command(images_push, "push-to")
