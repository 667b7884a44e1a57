"""``roost export logs``: the support archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.params import PathName, moment

if TYPE_CHECKING:
    from roost.pool.support import SupportArchive


@command(
    json=True,
    examples=[
        ("roost export logs", "everything that helps to understand the pool, in one file"),
        ("roost export logs --since 2h --output trouble.tar.gz", "only the latest logs"),
    ],
)
@click.option(
    "-o",
    "--output",
    type=PathName(),
    metavar="FILE",
    help="The file, or the directory for it (default: roost-POOL-TIME.tar.gz, here).",
)
@click.option(
    "--since", callback=moment, metavar="TIME", help="Only logs since: 2h ago, or a time."
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def export_logs(app: App, output: Path | None, since: float | None, force: bool) -> None:
    """Write a support archive: logs, configuration, ads, engine facts and versions.

    Secrets are taken out, so that it can be mailed: tokens, keys, claim ids, passwords, and the
    environments of jobs. The README.md in it says what is what. A node that cannot answer is named
    there.
    """
    app.if_interrupted = "nothing was written"
    with app.open_pool() as pool:
        made = pool.export_logs(output, since=since, force=force)
    app.progress.close()
    if app.json:
        print_json(_to_json(made))
        return
    click.echo(click.format_filename(made.path))
    for path, why in made.missing.items():
        say(f"without {path}: {why}")
    say("It holds names of users, hosts and files, and no secrets that Roost knows of.")


def _to_json(made: SupportArchive) -> dict[str, object]:
    return {
        "file": str(made.path),
        "bytes": made.size,
        "nodes": list(made.nodes),
        "missing": made.missing,
    }
