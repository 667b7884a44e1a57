"""``roost setup``: a container engine, found or installed."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.stdin import can_ask
from roost.commandline import command_line
from roost.errors import ExitCode


@command(
    json=True,
    pool=False,
    examples=[
        ("roost setup", "find an engine; if there is none, install one after asking"),
        ("roost setup --yes", "the same in a script"),
        ("roost setup --engine podman", "Podman in particular"),
    ],
)
@click.option(
    "-y", "--yes", is_flag=True, help="Do not ask before installing or starting anything."
)
@click.pass_obj
def setup(app: App, yes: bool) -> ExitCode:
    """Find a container engine, or install and start one.

    It uses what answers already. Otherwise it names every command that it would run, asks, and
    installs Docker or Podman from the distribution's own packages. If it adds you to the group docker,
    you have to log in again before you go on; it tells you so.
    """
    from roost.setup import ensure_engine

    def confirm(question: str) -> bool:
        if not (yes or can_ask()):
            say(f"{question} (no: this is not a terminal, and there was no --yes)")
            return False
        app.progress.close()
        if not (yes or click.confirm(question, err=True)):
            return False
        app.if_interrupted = (
            f"the engine may be half installed; `{command_line('setup')}` continues"
        )
        return True

    wanted = app.engine if isinstance(app.engine, str) else None
    result = ensure_engine(wanted, confirm=confirm, report=app.progress)
    app.progress.close()
    if app.json:
        print_json(
            {
                "engine": result.engine,
                "version": result.version,
                "ready": result.ready,
                "done": list(result.done),
            }
        )
    elif result.ready:
        click.echo(f"{result.version} is ready. Next: {command_line('up')}")
    else:
        say(
            f"{result.engine} runs, but not for you yet: log out and in again, then "
            f"`{command_line('up')}`."
        )
    return ExitCode.DONE if result.ready else ExitCode.FAILED
