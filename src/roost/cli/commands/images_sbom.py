"""``roost images sbom``: the packages in an image, as a bill of materials."""

from __future__ import annotations

from pathlib import Path

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.imagechoice import ImageChoice, image_options
from roost.cli.params import PathName


@command(
    json=True,
    pool=False,
    examples=[
        ("roost images sbom -o roost.cdx.json", "all packages in the images, as CycloneDX"),
        ("roost images sbom -f analysis.toml", "with the software that a pool file adds"),
        ("roost images sbom --image roost-submit:latest", "of the image of that name"),
    ],
)
@click.option(
    "-o",
    "--output",
    type=PathName(dir_okay=False),
    metavar="FILE",
    help="Write to the file (default: stdout).",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@image_options
@click.pass_obj
def images_sbom(app: App, choice: ImageChoice, output: Path | None, force: bool) -> None:
    """Print which packages are in the image of ROLE (default: execute).

    It is a CycloneDX 1.6 document in JSON, made when the image was built: every Debian package with its
    version, architecture, source package, licences and package URL, and every Python package of pip's.
    Nothing is built or started.
    """
    from roost.images.carry import whole_file
    from roost.images.sbom import get_sbom

    with app.open_engine() as engine:
        found = get_sbom(engine, choice.find(engine))
    if output is None:
        click.echo(found, nl=False)
        return
    with whole_file(output, force=force) as file:
        file.write(found)
