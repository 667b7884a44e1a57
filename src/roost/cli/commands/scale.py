"""``roost scale``: more or fewer executors."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.commands.up import show_result, timeout_option


@command(
    json=True,
    examples=[
        ("roost scale 10", "ten executors, like those that are there"),
        ("roost scale 1", "one, once the jobs of the others have ended"),
    ],
)
@timeout_option
@click.argument("executors", type=int, metavar="N")
@click.pass_obj
def scale(app: App, executors: int, timeout_s: float) -> None:
    """Give the pool N executors, and leave everything else as it is.

    Executors that are too many take no new jobs, finish those they run, and go.
    """
    with app.open_pool() as pool:
        app.if_interrupted = f"pool {pool.name} may be half scaled; the same command continues"
        result = pool.scale(executors, timeout_s=timeout_s)
        app.progress.close()
        show_result(app, pool, result)
