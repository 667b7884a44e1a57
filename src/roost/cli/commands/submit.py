"""``roost submit``: an ordinary HTCondor submit file."""

from __future__ import annotations

from pathlib import Path

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.jobs import job_to_json
from roost.cli.output.stdout import count, print_json, say
from roost.cli.params import PathName
from roost.cli.waiting import report_ends, wait_for_jobs
from roost.errors import ExitCode


@command(
    json=True,
    examples=[
        ("roost submit analysis.sub", "submit it, and come back later: roost wait, roost fetch"),
        ("roost submit --wait analysis.sub", "submit it, wait, and bring the results back"),
    ],
)
@click.option("--wait", is_flag=True, help="Wait for the jobs, and bring their results back.")
@click.argument("file", type=PathName(), metavar="FILE")
@click.pass_obj
def submit(app: App, wait: bool, file: Path) -> ExitCode:
    """Submit an HTCondor submit file from the current directory.

    The files that it names are taken along, relative to here, as with condor_submit. With --wait the
    results come back to where the file says, and the exit code is 1 if any job failed.
    """
    with app.open_pool() as pool:
        app.if_interrupted = (
            f"`{app.line('jobs', pool.name)}` shows whether the jobs are in the queue already"
        )
        submission = pool.submit(file)
        ids = [str(cluster) for cluster in submission.clusters]
        if not wait:
            app.progress.close()
            _tell(app, pool.name, ids, submission.jobs)
            return ExitCode.DONE
        app.if_interrupted = (
            f"the jobs go on; `{app.line('wait', pool.name)} {' '.join(ids)}` waits for them, "
            f"`{app.line('rm', pool.name)} {' '.join(ids)}` removes them"
        )
        ended = wait_for_jobs(app, pool, ids)
        files = [path for one in ids for path in pool.fetch(one).files]
        app.progress.close()
        if app.json:
            print_json(
                {
                    "clusters": [int(one) for one in ids],
                    "jobs": [job_to_json(job) for job in ended],
                    "files": [str(path) for path in files],
                }
            )
        else:
            click.echo(f"{count(len(ended), 'job')} ended, {count(len(files), 'file')} came back.")
        return report_ends(ended)


def _tell(app: App, pool: str, ids: list[str], jobs: int) -> None:
    if app.json:
        print_json({"clusters": [int(one) for one in ids], "jobs": jobs})
        return
    named = " ".join(ids)
    click.echo(f"Submitted {count(jobs, 'job')} as {named}.")
    say(f"Then: {app.line('wait', pool)} {named} && {app.line('fetch', pool)} {named}")
