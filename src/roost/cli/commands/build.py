"""``roost build``: the images, without a pool."""

from __future__ import annotations

from pathlib import Path

import click

from roost.cli.app import DEFAULT_FILE, App
from roost.cli.command import command
from roost.cli.output.stdout import print_json
from roost.cli.output.table import render_table
from roost.cli.params import PathName


@command(
    json=True,
    pool=False,
    examples=[
        ("roost build", "the images of this version; `roost up` does it when they are missing"),
        ("roost build --suite forky", "with the newer HTCondor of Debian's next release"),
        ("roost build -f analysis.toml", "with the software that a pool file asks for"),
        ("roost build --refresh", "anew, with today's packages"),
    ],
)
@click.option("--suite", metavar="NAME", help="Debian release: trixie or forky (newer HTCondor).")
@click.option(
    "-f",
    "--file",
    type=PathName(dir_okay=False),
    help="The pool file (default: ./roost.toml, if there is one).",
)
@click.option(
    "--bootstrap/--no-bootstrap",
    default=None,
    help="Make the base from Debian's packages on this host, or pull it (default: what works).",
)
@click.option("--refresh", is_flag=True, help="Build everything anew, with the packages of today.")
@click.option(
    "--allow-expired-release",
    is_flag=True,
    help="Accept a package mirror whose release file is past its date.",
)
@click.pass_obj
def build(
    app: App,
    suite: str | None,
    file: Path | None,
    bootstrap: bool | None,
    refresh: bool,
    allow_expired_release: bool,
) -> None:
    """Build the images of the roles.

    What is there already is kept, so that a second build takes a second.
    """
    from roost.contract import Role
    from roost.images import ensure_derived, ensure_images
    from roost.spec import PoolSpec, load_pool_file, overlay

    if file is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    spec = overlay(load_pool_file(file) if file else PoolSpec(), suite=suite)
    app.if_interrupted = "finished stages stay; `roost build` continues"
    with app.open_engine() as engine:
        images = ensure_images(
            engine,
            spec.suite,
            bootstrap=bootstrap,
            refresh=refresh,
            allow_expired_release=allow_expired_release,
            report=app.progress,
        )
        images = ensure_derived(
            engine,
            images,
            apt=spec.apt,
            pip=spec.pip,
            allow_expired_release=allow_expired_release,
            report=app.progress,
        )
    app.progress.close()
    if app.json:
        print_json(
            {
                "suite": images.suite.value,
                "htcondor": images.htcondor,
                "images": {
                    role.value: {"reference": images[role].reference, "id": images[role].id}
                    for role in Role
                },
            }
        )
        return
    rows = [(role.value, images[role].reference, images[role].id[-64:][:12]) for role in Role]
    click.echo(render_table(["ROLE", "IMAGE", "ID"], rows))
