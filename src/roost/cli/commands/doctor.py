"""``roost doctor``: why is nothing running?"""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.diagnosis import render_diagnosis
from roost.cli.output.progress import Show
from roost.cli.output.stdout import print_json
from roost.errors import ExitCode


@command(
    json=True,
    examples=[
        ("roost doctor", "what is wrong, the worst first, with the mend of each"),
        ("roost doctor && roost run -- ./work", "work only for a pool that is well"),
        ("roost doctor --json | jq -r '.findings[].cause'", "the causes, for a script"),
    ],
)
@click.pass_obj
def doctor(app: App) -> int:
    """Find out why nothing is running.

    Looks at engine, containers, network, credentials, configuration, daemons, ads and jobs, and names
    causes and mends. It changes nothing. The exit code is 1 when there is an error among the findings;
    warnings and remarks leave it 0.
    """
    app.progress.show = Show.PRESENT
    with app.open_pool() as pool:
        diagnosis = pool.doctor()
        app.progress.close()
        print_json(diagnosis.to_json()) if app.json else click.echo(render_diagnosis(diagnosis))
    return ExitCode.DONE if diagnosis.healthy else ExitCode.FAILED
