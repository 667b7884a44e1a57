"""``roost token create``: let somebody outside of the pool submit jobs."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.params import PathName, duration_s
from roost.errors import ConflictError, RoostError

if TYPE_CHECKING:
    from roost.pool.tokens import NewUserToken


@command(
    json=True,
    examples=[
        ("roost token create --user alice > alice.token", "a token for 30 days, into a file"),
        ("roost token create --user alice --ttl 12h --output alice.token", "readable by you alone"),
        ("roost token create --user ci --address head.example.org", "how users reach the pool"),
    ],
)
@click.option(
    "--user",
    required=True,
    metavar="NAME",
    help="Whose token: a name of your choice, of lower case letters, digits, '-' and '_'.",
)
@click.option(
    "--ttl",
    callback=duration_s,
    default="30d",
    show_default=True,
    metavar="TIME",
    help="How long it is good for: 90s, 15m, 12h, 30d; from 60s to 365d.",
)
@click.option(
    "--output",
    type=PathName(dir_okay=False),
    metavar="FILE",
    help="Write the token there, readable by you alone, instead of to stdout.",
)
@click.option(
    "--address",
    metavar="HOST[:PORT]",
    help="Where users reach the submit node (default: where the pool file publishes it, or its "
    "container's address).",
)
@click.pass_obj
def token_create(app: App, user: str, ttl: float, output: Path | None, address: str | None) -> None:
    """Make a token, with which a user of another machine submits jobs and looks after them.

    The token is a secret: whoever has it is that user, with HTCondor's tools and bindings, and can do
    nothing else. It goes to stdout, and the configuration for the user's machine to stderr; with --json both
    are on stdout. Jobs belong to an account that the submit node makes for the user.
    """
    app.if_interrupted = ""
    with app.open_pool() as pool:
        if output is None:
            _show(app, pool.create_user_token(user, ttl_s=round(ttl), address=address), None)
            return
        descriptor = _open(output)
        try:
            made = pool.create_user_token(user, ttl_s=round(ttl), address=address)
            with os.fdopen(os.dup(descriptor), "w", encoding="ascii") as file:
                file.write(f"{made.text}\n")
        except BaseException:
            with suppress(OSError):
                output.unlink()
            raise
        finally:
            os.close(descriptor)
        _show(app, made, output)


def _open(path: Path) -> int:
    """A new file that its owner alone may read: before the token is made, which would be lost otherwise."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise ConflictError(
            f"--output {path} is there already", hint="remove it, or name another file"
        ) from None
    except OSError as error:
        raise RoostError(
            f"--output {path} cannot be written: {error.strerror}", hint="name another file"
        ) from None


def _show(app: App, made: NewUserToken, output: Path | None) -> None:
    app.progress.close()
    if app.json:
        secret = {"token": made.text} if output is None else {"output": str(output)}
        print_json(
            {
                "user": made.user,
                "identity": made.identity,
                "id": made.id,
                "expires": made.expires,
                "schedd": made.schedd,
                "config": made.config,
                **secret,
            }
        )
        return
    if output is None:
        click.echo(made.text)
    say(render_instructions(made, output))


def render_instructions(made: NewUserToken, output: Path | None) -> str:
    """What to do on the user's machine. Without the token."""
    where = f"The token is in {output}" if output else "The token is the line on stdout"
    until = datetime.fromtimestamp(made.expires, UTC)
    return f"""\
{where}: a secret, good until {until:%Y-%m-%d %H:%M} UTC for {made.user} ({made.identity}).
On the user's machine it goes into a file below ~/.condor/tokens.d, with mode 0600, and this into
~/.condor/user_config:

{made.config}
Then `condor_submit -spool FILE`, `condor_q`, `condor_transfer_data ID` and `condor_rm ID` work there."""
