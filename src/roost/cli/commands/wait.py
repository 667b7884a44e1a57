"""``roost wait``: until jobs are done."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.jobs import job_to_json
from roost.cli.output.stdout import print_json
from roost.cli.params import waiting_s
from roost.cli.waiting import report_ends, wait_for_jobs
from roost.errors import ExitCode


@command(
    json=True,
    examples=[
        ("roost wait 12", "all jobs of a submission"),
        ("roost wait 12.0 13 && roost fetch 13", "one job and another submission, then results"),
        ("roost wait --timeout 3600 12 || roost rm 12", "an hour, and no longer"),
    ],
)
@click.option(
    "--timeout",
    "timeout_s",
    callback=waiting_s(least=0),
    metavar="TIME",
    help="Give up after this time (default: never).",
)
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.pass_obj
def wait(app: App, timeout_s: float | None, ids: tuple[str, ...]) -> ExitCode:
    """Wait until jobs have left the queue.

    An ID is a submission (12) or one job of it (12.3). The exit code is 1 if any job failed, and 122
    if nothing but jobs on hold is left.
    """
    app.if_interrupted = "the jobs go on"
    with app.open_pool() as pool:
        ended = wait_for_jobs(app, pool, ids, timeout_s=timeout_s)
    app.progress.close()
    if app.json:
        print_json([job_to_json(job) for job in ended])
    return report_ends(ended)
