"""``roost export``: the pool, or what is known of it, as files for elsewhere."""

from __future__ import annotations

import click

from roost.cli.command import SETTINGS, CommandGroup
from roost.cli.commands.export_logs import export_logs


@click.group(cls=CommandGroup, context_settings=SETTINGS)
def export() -> None:
    """Write what is known of the pool to files for elsewhere."""


export.add_command(export_logs, "logs")
