"""``roost export``: the pool, or what is known of it, as files for elsewhere."""

from __future__ import annotations

import click

from roost.cli.command import SETTINGS, CommandGroup
from roost.cli.commands.export_compose import export_compose
from roost.cli.commands.export_logs import export_logs
from roost.cli.commands.export_swarm import export_swarm
from roost.cli.options import shared_options


@click.group(cls=CommandGroup, context_settings=SETTINGS, params=shared_options())
def export() -> None:
    """Write the pool, or what is known of it, to files for elsewhere."""


export.add_command(export_compose, "compose")
export.add_command(export_swarm, "swarm")
export.add_command(export_logs, "logs")
