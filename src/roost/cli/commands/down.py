"""``roost down``: remove the pool, after asking for what would be lost with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from roost import contract
from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import count, print_json, say
from roost.cli.stdin import can_ask
from roost.errors import RoostError, UsageError

if TYPE_CHECKING:
    from roost.pool import Pool
    from roost.pool.down import DownResult


@command(
    json=True,
    examples=[
        ("roost down", "remove the pool; on a terminal it asks first"),
        ("roost down --yes", "the same in a script"),
        ("roost down --keep-data", "keep queue, results and keys for the next `roost up`"),
    ],
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--keep-data", is_flag=True, help="Keep the volumes: queue, results, keys, accounting."
)
@click.pass_obj
def down(app: App, yes: bool, keep_data: bool) -> None:
    """Remove the pool: its containers, its network and its volumes.

    The volumes hold the queue with its jobs and results, the signing key and the accounting.
    """
    with app.open_pool() as pool:
        if not (yes or keep_data):
            _ask(app, pool)
        app.if_interrupted = (
            f"pool {pool.name} may be half removed; `{app.line('down', pool.name)}` continues, "
            f"`{app.line('up', pool.name)}` makes it whole again"
        )
        result = pool.down(keep_data=keep_data)
        app.progress.close()
        _show(app, pool, result)


def _ask(app: App, pool: Pool) -> None:
    """Raises UsageError off a terminal, click.Abort for a no. Nothing to lose, nothing asked."""
    labels: dict[str, str | None] = {contract.LABEL_POOL: pool.name}
    if not pool.engine.list_volumes(labels):
        return
    loss = f"pool {pool.name} and its volumes would be removed: {_what_is_lost(pool)}"
    if not can_ask():
        raise UsageError(
            f"not without your consent: {loss}",
            hint="give --yes, or --keep-data to keep the volumes",
        )
    app.if_interrupted = "nothing was removed"
    say(f"{loss[0].upper()}{loss[1:]}.")
    click.confirm("Remove it?", abort=True, err=True)


def _what_is_lost(pool: Pool) -> str:
    try:
        status = pool.status()
    except RoostError:
        return "queue, results and accounting of the past"  # no container: kept data alone
    if not status.ready:
        return "a queue that cannot be looked at now, with its results and the accounting"
    queued = [
        count(status.jobs[state], f"{state} job")
        for state in ("idle", "running", "held")
        if status.jobs.get(state)
    ]
    return (", ".join(queued) or "no job") + " in the queue, results not fetched, the accounting"


def _show(app: App, pool: Pool, result: DownResult) -> None:
    if app.json:
        print_json(
            {
                "pool": pool.name,
                "containers": list(result.containers),
                "networks": list(result.networks),
                "volumes": list(result.volumes),
                "kept_volumes": list(result.kept_volumes),
            }
        )
    elif not result.changed:
        say(f"There is no pool {pool.name} on {pool.engine.name}: nothing to remove.")
    elif result.kept_volumes:
        click.echo(
            f"Pool {pool.name} is down; its data stays, "
            f"in {count(len(result.kept_volumes), 'volume')}."
        )
    else:
        click.echo(f"Pool {pool.name} is gone.")
