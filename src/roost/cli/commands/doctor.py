"""``roost doctor``: why is nothing running?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.diagnosis import render_diagnosis
from roost.cli.output.progress import Show
from roost.cli.output.stdout import print_json
from roost.errors import ExitCode

if TYPE_CHECKING:
    from roost.pool import Pool


@command(
    json=True,
    examples=[
        ("roost doctor", "what is wrong, the worst first, with the mend of each"),
        ("roost doctor && roost run -- ./work", "work only for a pool that is well"),
        ("roost doctor --json | jq -r '.findings[].cause'", "the causes, for a script"),
        ("roost doctor --network", "whether nodes reach each other, and how fast"),
    ],
)
@click.option(
    "--network",
    is_flag=True,
    help="Measure instead the ways between the pool's nodes, as far as they begin on this host.",
)
@click.pass_obj
def doctor(app: App, network: bool) -> int:
    """Find out why nothing is running.

    Looks at engine, containers, network, credentials, configuration, daemons, ads and jobs, and names
    causes and mends. It changes nothing. The exit code is 1 when there is an error among the findings;
    warnings and remarks leave it 0.

    With --network, each node of this host goes to every node that it must talk to, also on other hosts:
    name, route, port, round trip, packet size, clock, and HTCondor's answer. The exit code is 1 where a way
    fails that jobs need.
    """
    app.progress.show = Show.PRESENT
    with app.open_pool() as pool:
        if network:
            return _look_at_network(app, pool)
        diagnosis = pool.doctor()
        app.progress.close()
        print_json(diagnosis.to_json()) if app.json else click.echo(render_diagnosis(diagnosis))
    return ExitCode.DONE if diagnosis.healthy else ExitCode.FAILED


def _look_at_network(app: App, pool: Pool) -> int:
    report = pool.network()
    app.progress.close()
    if app.json:
        print_json(report.to_json())
    else:
        from roost.cli.output.ways import render_network

        click.echo(render_network(report))
    return ExitCode.DONE if report.healthy else ExitCode.FAILED
