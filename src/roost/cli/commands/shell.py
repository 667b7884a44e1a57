"""``roost shell``: an interactive shell inside a node."""

from __future__ import annotations

import click

from roost import contract
from roost.cli.app import App
from roost.cli.command import command
from roost.cli.completions import complete_node
from roost.cli.inside import run_inside
from roost.contract import Role

_SHELL = ("bash", "-l")


@command(
    examples=[
        ("roost shell", "where jobs are submitted, as the account that owns them"),
        ("roost shell execute-2", "on an executor, as root"),
    ],
)
@click.option(
    "-u",
    "--user",
    help=f"Account in the node (default: {contract.JOB_OWNER} on the submit node, else root).",
)
@click.argument("node", default=Role.SUBMIT.value, shell_complete=complete_node)
@click.pass_obj
def shell(app: App, user: str | None, node: str) -> int:
    """Open a shell inside a node: the submit node, unless another is named.

    On the submit node you are the account that owns the jobs, so that condor_submit works.
    """
    account = user or (contract.JOB_OWNER if node == Role.SUBMIT else "root")
    app.if_interrupted = "the pool goes on"
    with app.open_pool() as pool:
        return run_inside(pool, node, _SHELL, user=account)
