"""``roost run``: a command as a job."""

from __future__ import annotations

from typing import Any

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.jobs import JobOutput
from roost.cli.output.progress import Show
from roost.cli.params import settings


@command(
    context_settings={"allow_interspersed_args": False},
    examples=[
        ("roost run -- python3 -c 'print(6*7)'", "a first job; prints 42"),
        ("roost run -i fit.py -i events.csv -o fit.json -- python3 fit.py", "with files"),
        (
            "roost run --count 100 -i sim.py -o 'hits.$(Process)' -- python3 sim.py '$(Process)'",
            "a hundred simulations, each with its own seed and its own result",
        ),
        (
            "roost run --cpus 4 --memory 8GB -- ./reconstruct run42.raw",
            "a program of yours, 4 CPUs",
        ),
        ("roost run -e OMP_NUM_THREADS=2 --cpus 2 -- ./md < /dev/null", "with its environment"),
    ],
)
@click.option("--count", type=click.IntRange(1, 20000), default=1, metavar="N", help="Run N jobs.")
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    metavar="FILE",
    help="Copy this file or directory to the job.",
)
@click.option(
    "-o", "--output", "outputs", multiple=True, metavar="PATH", help="Bring a result back."
)
@click.option("--cpus", type=click.IntRange(min=1), metavar="N", help="CPUs for each job.")
@click.option("--memory", metavar="SIZE", help="Memory for each job, such as 2GB.")
@click.option("--disk", metavar="SIZE", help="Disk for each job, such as 10GB.")
@click.option(
    "-e",
    "--env",
    multiple=True,
    callback=settings,
    metavar="KEY=VALUE",
    help="Set a variable in the job's environment.",
)
@click.option(
    "--no-prefix",
    is_flag=True,
    help="With --count: do not put the job's number before each line.",
)
@click.argument("argv", nargs=-1, type=click.UNPROCESSED, required=True, metavar="-- CMD...")
@click.pass_obj
def run(app: App, /, argv: tuple[str, ...], no_prefix: bool, **job: Any) -> int:
    """Run a command as a job, or as many, and wait for it.

    Its output and its exit code are those of the command, as if it ran here: 128+N for signal N; of
    several jobs, the highest. 122: HTCondor put the job on hold; 123: it was removed. 1 or 2, after an
    `Error:` on stderr, may be Roost's own: the job was not run, or its outputs could not be written.

    The job starts in an empty directory with the inputs at the paths they have here, and its
    outputs come back to theirs; those that cannot be written then can be had by `roost fetch`. A
    command with a `/` that is a file here is taken along. `$(Process)` stands for the number of the
    job, from 0, in the command, in inputs and in outputs.

    With --count each line comes after the number of its job: `3| text`.
    """
    app.progress.show = Show.PRESENT
    app.if_interrupted = "the job was removed; the pool goes on"
    output = JobOutput(app.progress, prefix=job["count"] > 1 and not no_prefix)
    with app.open_pool() as pool:
        try:
            result = pool.run(argv, on_output=output, **job)
        finally:
            output.finish()
    return max(one.exit_code for one in result.processes)
