"""``roost images``: what is known of the images themselves."""

from __future__ import annotations

import click

from roost.cli.command import SETTINGS, CommandGroup
from roost.cli.commands.images_advisories import images_advisories
from roost.cli.commands.images_sbom import images_sbom


@click.group(cls=CommandGroup, context_settings=SETTINGS)
def images() -> None:
    """Look at the images that pools are made of."""


images.add_command(images_sbom, "sbom")
images.add_command(images_advisories, "advisories")
