"""``roost approve``: nodes that ask to join."""

from __future__ import annotations

from dataclasses import asdict

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.output.table import render_table
from roost.cli.params import duration_s
from roost.pool.door import JoinRequest


@command(
    json=True,
    examples=[
        ("roost approve", "who asks to join"),
        ("roost approve K7QM-2XPD", "let in the node whose log has that code"),
        (
            "roost approve --network 192.0.2.0/24 --for 10m",
            "let in who asks from there, for a while",
        ),
        ("roost approve --network 192.0.2.0/24 --for 0s", "no longer"),
    ],
)
@click.argument("code", required=False)
@click.option("--network", metavar="CIDR", help="Let in every node that asks from this network.")
@click.option(
    "--for",
    "open_s",
    callback=duration_s,
    metavar="TIME",
    help="How long --network stays open: 10m, 2h; 24 h at most, and 0s closes it.",
)
@click.pass_obj
def approve(app: App, code: str | None, network: str | None, open_s: float | None) -> None:
    """Show the nodes that ask to join, or let one of them in.

    A node that was started with nothing but the master's address asks to join, and its log has a
    code. Compare it with the one shown here before you let it in: they are the same only where
    nobody sits between the node and the master. Except with --network, nodes are let in
    one by one.

    --network trusts a whole network, for a limited time: whoever can connect from there can become a
    node. It is refused where the engine hides where a connection comes from.
    """
    if (network is None) != (open_s is None) or (network is not None and code is not None):
        raise click.UsageError("--network needs --for, and no code beside it")
    app.if_interrupted = ""
    with app.open_pool() as pool:
        if network is not None and open_s is not None:
            pool.open_network(network, open_s)
            if app.json:
                print_json({"network": network, "seconds": open_s})
            else:
                click.echo(f"The network {network} is {'open' if open_s else 'closed'}.")
            return
        if code is not None:
            found = pool.approve(code)
            if app.json:
                print_json({"approved": _to_json(found)})
            else:
                click.echo(f"{found.node} at {found.address} is let into pool {pool.name}.")
            return
        pending = pool.join_requests()
        if app.json:
            print_json([_to_json(one) for one in pending])
        elif pending:
            click.echo(_table(pending))
            say(
                f"Where the node's own log has the same code: {app.line('approve CODE', pool.name)}"
            )
        else:
            say(f"Nobody asks to join pool {pool.name}.")


def _table(pending: list[JoinRequest]) -> str:
    rows = [
        (one.code, one.node, one.address, ", ".join(one.authorizations), one.problem or one.note)
        for one in pending
    ]
    return render_table(["CODE", "NODE", "FROM", "ASKS FOR", "NOTE"], rows)


def _to_json(one: JoinRequest) -> dict[str, object]:
    return asdict(one)
