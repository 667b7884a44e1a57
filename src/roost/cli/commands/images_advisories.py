"""``roost images advisories``: the known vulnerabilities of the packages in an image."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.imagechoice import ImageChoice, given_again, image_options
from roost.cli.output.progress import Show
from roost.cli.output.stdout import print_json, say
from roost.commandline import command_line
from roost.errors import ExitCode


@command(
    json=True,
    pool=False,
    examples=[
        ("roost images advisories", "what is known of the packages in the images, the worst first"),
        ("roost images advisories --only-fixed", "what new images would mend"),
        ("roost images advisories --source trixie", "by a file fetched on a host with internet"),
    ],
)
@click.option(
    "--only-fixed", is_flag=True, help="Only those that the packages of today have a fix for."
)
@click.option(
    "--source",
    metavar="URL|FILE",
    help="Address or directory that has debsecan's data of each release under its name, as URL/trixie,"
    " or one such file (default: Debian's security tracker).",
)
@image_options
@click.pass_obj
def images_advisories(
    app: App, choice: ImageChoice, only_fixed: bool, source: str | None
) -> ExitCode:
    """List known vulnerabilities of the Debian packages in the image of ROLE (default: execute, which has
    all that the others have).

    The packages are those that `roost images sbom` lists; what is known of them is what Debian's security
    tracker tells debsecan. Python packages of pip's are not in its data. Nothing is built or started. The
    exit code is 1 when a fix is there for one of them, as with errors; those without a fix leave it 0.
    """
    from roost.cli.output.advisories import advisories_to_json, render_advisories
    from roost.images.advisories import TRACKER, find_advisories

    app.progress.show = Show.PRESENT
    with app.open_engine() as engine:
        found = find_advisories(
            engine, choice.find(engine), source=source or TRACKER, report=app.progress
        )
    app.progress.close()
    if app.json:
        print_json(advisories_to_json(found, only_fixed=only_fixed))
    else:
        click.echo(render_advisories(found, only_fixed=only_fixed))
    if not found.fixable:
        return ExitCode.DONE
    say(f"{click.style('Hint:', bold=True)} {_mend(choice)}")
    return ExitCode.FAILED


def _mend(choice: ImageChoice) -> str:
    """The commands that take the packages of today."""
    if choice.image:
        refresh = command_line("build --refresh")
        return f"`{refresh}` makes Roost's images anew; build yours anew on them"
    given = given_again(choice.file, choice.suite)
    return (
        f"`{command_line(f'build --refresh{given}')}` makes images with the packages of today;"
        f" `{command_line(f'up{given}')}` takes a pool to them"
    )
