"""``roost invite``: let nodes of other machines join."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from roost import contract
from roost.cli.app import App
from roost.cli.command import command, given
from roost.cli.output.stdout import print_json, say
from roost.cli.output.table import render_table
from roost.cli.params import duration_s

if TYPE_CHECKING:
    from roost.pool import Pool
    from roost.pool.door import InviteInfo, NewInvite

_ROLES = [role.value for role in contract.ROLE_AUTHORIZATIONS]
_OF_A_NEW_ONE = ("ttl", "uses", "node", "address")


@command(
    json=True,
    examples=[
        ("roost invite execute", "one executor of another machine, within an hour"),
        ("roost invite execute --ttl 15m --uses 20 --address head.example.org", "twenty of them"),
        ("roost invite execute | ssh lab7 roost join", "without anything to paste"),
        ("roost invite --list", "the invites, and who used them"),
        ("roost invite --revoke 3f2a90c1", "end one; nodes that joined with it stay"),
    ],
)
@click.argument("role", type=click.Choice(_ROLES), required=False)
@click.option(
    "--ttl",
    callback=duration_s,
    default="1h",
    show_default=True,
    metavar="TIME",
    help="How long it is good for: 90s, 15m, 2h, 1d; 30 days at most.",
)
@click.option(
    "--uses",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="How many nodes may join with it.",
)
@click.option("--node", metavar="NAME", help="Good for the node of that name alone.")
@click.option(
    "--address",
    metavar="HOST[:PORT]",
    help="Where other machines reach the master (default: hosts.address of the pool file, or its"
    " container's address).",
)
@click.option("--list", "list_", is_flag=True, help="Show the invites there are.")
@click.option("--revoke", metavar="ID", help="End an invite.")
@click.pass_obj
def invite(
    app: App,
    role: str | None,
    ttl: float,
    uses: int,
    node: str | None,
    address: str | None,
    list_: bool,
    revoke: str | None,
) -> None:
    """Make an invite, with which a node of another machine joins the pool.

    It is one line of text, and a secret: give it to `roost join` there. It is good for one role, a
    number of nodes and a time, lets its holder ask for a node's own token and do nothing else, and
    names the certificate that the master has to show. On a terminal the commands to paste come with
    it; in a pipe it comes alone.
    """
    if sum((role is not None, list_, revoke is not None)) != 1:
        raise click.UsageError(
            f"name a role ({' or '.join(_ROLES)}), or give --list or --revoke ID"
        )
    asked = given(click.get_current_context())
    idle = [asked[name] for name in _OF_A_NEW_ONE if name in asked]
    if idle and role is None:
        flag = "--list" if list_ else "--revoke"
        raise click.UsageError(f"{', '.join(idle)}: for a new invite, and {flag} makes none")
    app.if_interrupted = ""
    with app.open_pool() as pool:
        if role is not None:
            made = pool.invite(role, ttl_s=round(ttl), uses=uses, node=node, address=address)
            _show(app, pool, made)
        elif revoke is not None:
            pool.revoke_invite(revoke)
            print_json({"revoked": revoke}) if app.json else click.echo(
                f"Invite {revoke} is revoked."
            )
        else:
            _list(app, pool)


def _show(app: App, pool: Pool, made: NewInvite) -> None:
    if app.json:
        print_json(asdict(made))
    elif sys.stdout.isatty():
        click.echo(render_instructions(made, _image(pool, made), time.time()))
        say(f"Revoke it: {app.line(f'invite --revoke {made.id}', pool.name)}")
    else:
        click.echo(made.text)


def _image(pool: Pool, made: NewInvite) -> str:
    """By what name another host has the image, once it was brought there or built."""
    from roost.images import DEFAULT_SUITE, find_images
    from roost.invitation import decode
    from roost.spec import Suite

    suite = decode(made.text).suite or DEFAULT_SUITE
    images = None if suite == DEFAULT_SUITE else find_images(pool.engine, Suite(suite))
    return images[made.role].reference if images else f"roost-{made.role}"


def render_instructions(made: NewInvite, image: str, now: float) -> str:
    """What to paste on another machine, with the secret on standard input alone."""
    from roost.invitation import decode

    role = made.role.value
    uses = "one node" if made.uses == 1 else f"{made.uses} nodes"
    name = f" -e {contract.ENV_NODE}={made.node}" if made.node else ""
    return f"""\
For {uses} of role {role}, within {_left(made.ends - now)}. On the other machine:

roost join <<'END'
{made.text}
END

Or without Roost there, with its image (podman likewise):

(umask 077 && cat > roost-invite) <<'END'
{made.text}
END
docker run -d --name {made.pool}-{role} -v "$PWD/roost-invite:{contract.INVITE_FILE}:ro" \\
  -e {contract.ENV_MASTER}={decode(made.text).master} -e {contract.ENV_POOL}={made.pool}{name} {image}
docker logs -f {made.pool}-{role}   # until it has joined; then remove the file roost-invite
"""


def _list(app: App, pool: Pool) -> None:
    known = pool.invites()
    if app.json:
        print_json([asdict(one) for one in known])
    elif known:
        rows = [_row(one, time.time()) for one in known]
        click.echo(render_table(["ID", "ROLE", "NODE", "USED", "STATE"], rows))
    else:
        say(f"Pool {pool.name} has no invites; make one with {app.line('invite ROLE', pool.name)}")


def _row(one: InviteInfo, now: float) -> tuple[str, ...]:
    state = one.problem or f"good for {_left(one.ends - now)}"
    return one.id, one.role.value, one.node or "any", f"{len(one.used_by)}/{one.uses}", state


def _left(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size * 0.99:
            return f"{round(seconds / size, 1):g} {unit}"
    return f"{max(seconds, 0):.0f} s"
