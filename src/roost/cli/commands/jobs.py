"""``roost jobs``: the queue, and what has left it."""

from __future__ import annotations

import time
from datetime import timedelta

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.jobs import job_to_json
from roost.cli.output.stdout import count, print_json, say
from roost.cli.output.table import render_table
from roost.condor.jobs import JobInfo, JobState
from roost.contract import node_of_machine

_OVER = (JobState.COMPLETED, JobState.REMOVED)
_LATEST = 20
_COUNTED = 100
"""So many jobs that have left the queue are asked for, to say how many are not shown."""
_COMMAND_WIDTH = 40


@command(
    json=True,
    examples=[
        ("roost jobs", "the jobs in the queue, and the latest that have left it"),
        ("roost jobs --queue", "only those that are not done"),
        ("roost jobs --all", "as far as HTCondor remembers"),
        ("roost jobs --json | jq '.[] | select(.state == \"held\") | .reason'", "why jobs hang"),
    ],
)
@click.option("-q", "--queue", is_flag=True, help="Only jobs that are still in the queue.")
@click.option("-a", "--all", "everything", is_flag=True, help="Also all jobs that ended earlier.")
@click.pass_obj
def jobs(app: App, queue: bool, everything: bool) -> None:
    """List the jobs in the queue, and the latest 20 that have left it.

    --all shows as many as HTCondor's job history holds, thousands of them.
    """
    if queue and everything:
        raise click.UsageError("--queue leaves out the jobs that --all adds: give one of them")
    history = None if everything else 0 if queue else _COUNTED
    with app.open_pool() as pool:
        name, known = pool.name, pool.jobs(history=history)
    over = [job for job in known if job.state in _OVER]
    left_out = set() if everything else set(over if queue else over[:-_LATEST])
    found = [job for job in known if job not in left_out]
    if app.json:
        print_json([job_to_json(job) for job in found])
    else:
        _show(app, name, found)
    if left_out and not queue:
        more = " or more" if len(over) >= _COUNTED else ""
        say(
            f"{count(len(left_out), 'job')}{more} that ended earlier: {app.line('jobs', name)} --all"
        )


def _show(app: App, pool: str, found: list[JobInfo]) -> None:
    if not found:
        say("There is no job.")
        return
    now = time.time()
    headers = ["ID", "STATE", "SUBMITTED", "RAN", "NODE", "CODE", "COMMAND"]
    click.echo(render_table(headers, [_row(job, now) for job in found]))
    for job in found:
        if job.state is JobState.HELD:
            say(f"job {job.id} is on hold: {job.reason}")
        if job.disconnected is not None:
            ago = timedelta(seconds=max(0, int(now - job.disconnected)))
            say(f"job {job.id} is out of reach for {ago}: {app.line('doctor', pool)}")


def _row(job: JobInfo, now: float) -> list[str]:
    ago = timedelta(seconds=max(0, int(now - job.submitted)))
    node = node_of_machine(job.host.rpartition("@")[2]) if job.host else ""
    code = "" if job.exit_code is None else str(job.exit_code)
    ran = str(timedelta(seconds=int(job.run_s))) if job.started else ""
    return [job.id, job.state, f"{ago} ago", ran, node, code, _short(job.command)]


def _short(command: str) -> str:
    line = " ".join(command.split())
    return line if len(line) <= _COMMAND_WIDTH else line[: _COMMAND_WIDTH - 3] + "..."
