"""``roost token list``: who has a token, of which key, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.output.table import render_table

if TYPE_CHECKING:
    from roost.pool import Pool
    from roost.pool.tokens import TokenInfo, UserToken

_HEADERS = ["NODE", "IDENTITY", "KEY", "ISSUED", "EXPIRES", "STATE", "HERE"]
_USER_HEADERS = ["USER", "IDENTITY", "TOKEN", "ISSUED", "EXPIRES", "STATE"]


@command(
    json=True,
    examples=[
        ("roost token list", "every node and user that has a token, and what it is worth"),
        ("roost token list --json", "the same for programs; times in seconds of the epoch"),
    ],
)
@click.pass_obj
def token_list(app: App) -> None:
    """List the tokens of nodes and users: identity, key, times (UTC) and state; never the token itself.

    A node renews its token by itself when a third of its life is left. Of nodes on other engines,
    it shows what the master has issued. Users come after the nodes; in JSON they have the key "user"
    in place of "node".
    """
    with app.open_pool() as pool:
        tokens = pool.tokens()
        users = _users(pool)
    if app.json:
        print_json([*(one.to_json() for one in tokens), *(one.to_json() for one in users)])
        return
    click.echo(render_table(_HEADERS, [_row(one) for one in tokens]))
    if users:
        click.echo()
        click.echo(render_table(_USER_HEADERS, [_user_row(one) for one in users]))


def _users(pool: Pool) -> list[UserToken]:
    """None where the submit node cannot be asked, which is told."""
    from roost.errors import RoostError

    try:
        return pool.user_tokens()
    except RoostError as error:
        say(f"users' tokens are not shown: {error}")
        return []


def _user_row(one: UserToken) -> list[str]:
    times = [_moment(one.issued), _moment(one.expires)]
    return [one.user, one.identity, one.id[:8], *times, one.state]


def _row(one: TokenInfo) -> list[str]:
    times = [_moment(one.issued), _moment(one.expires)]
    return [one.node, one.identity, one.key, *times, one.state, "yes" if one.here else "no"]


def _moment(seconds: float | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
