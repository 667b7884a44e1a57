"""``roost ls``: the pools on the engine."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.output.table import render_table
from roost.commandline import command_line


@command(
    json=True,
    pool=False,
    examples=[
        ("roost ls", "all pools on the engine"),
        ("roost ls --engine podman", "those on Podman"),
    ],
)
@click.pass_obj
def ls(app: App) -> None:
    """List the pools on the engine.

    A pool without nodes is what `roost down --keep-data` left: `roost up` continues with it.
    """
    from roost.pool.summary import list_pools

    with app.open_engine() as engine:
        pools = list_pools(engine)
        if app.json:
            print_json([pool.to_json() for pool in pools])
        elif pools:
            rows = [
                (pool.name, f"{pool.running}/{pool.nodes}", str(pool.executors), str(pool.volumes))
                for pool in pools
            ]
            click.echo(render_table(["POOL", "NODES UP", "EXECUTORS", "VOLUMES"], rows))
        else:
            say(f"There is no pool on {engine.name}; make one with `{command_line('up')}`.")
