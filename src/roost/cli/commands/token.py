"""``roost token``: the credentials of the pool's nodes."""

from __future__ import annotations

import click

from roost.cli.command import SETTINGS, CommandGroup
from roost.cli.commands.token_list import token_list
from roost.cli.commands.token_revoke import token_revoke
from roost.cli.commands.token_rotate import token_rotate


@click.group(cls=CommandGroup, context_settings=SETTINGS)
def token() -> None:
    """Look at the nodes' tokens, shut a node out, change the signing key."""


token.add_command(token_list, "list")
token.add_command(token_revoke, "revoke")
token.add_command(token_rotate, "rotate")
