"""``roost token``: the credentials of the pool's nodes, and of users from outside."""

from __future__ import annotations

import click

from roost.cli.command import SETTINGS, CommandGroup
from roost.cli.commands.token_create import token_create
from roost.cli.commands.token_list import token_list
from roost.cli.commands.token_revoke import token_revoke
from roost.cli.commands.token_rotate import token_rotate
from roost.cli.options import shared_options


@click.group(cls=CommandGroup, context_settings=SETTINGS, params=shared_options())
def token() -> None:
    """Make tokens for users, look at all tokens, shut somebody out, change the signing key."""


token.add_command(token_create, "create")
token.add_command(token_list, "list")
token.add_command(token_revoke, "revoke")
token.add_command(token_rotate, "rotate")
