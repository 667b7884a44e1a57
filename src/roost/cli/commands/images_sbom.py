"""``roost images sbom``: the packages in an image, as a bill of materials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from roost.cli.app import DEFAULT_FILE, App
from roost.cli.command import command
from roost.contract import Role

if TYPE_CHECKING:
    from roost.engines.protocol import Engine
    from roost.spec import PoolSpec


@command(
    pool=False,
    examples=[
        ("roost images sbom -o roost.cdx.json", "all packages in the images, as CycloneDX"),
        ("roost images sbom -f analysis.toml", "with the software that a pool file adds"),
        ("roost images sbom --image roost-submit:latest", "of the image of that name"),
    ],
)
@click.argument("role", required=False, type=click.Choice([role.value for role in Role]))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to the file (default: stdout).",
)
@click.option(
    "-f",
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The pool file (default: ./roost.toml, if there is one).",
)
@click.option("--suite", metavar="NAME", help="Debian release: trixie or forky (newer HTCondor).")
@click.option("--image", metavar="NAME", help="Any image that stands on one of Roost's.")
@click.pass_obj
def images_sbom(
    app: App,
    role: str | None,
    output: Path | None,
    file: Path | None,
    suite: str | None,
    image: str | None,
) -> None:
    """Print which packages are in the image of ROLE (default: execute).

    It is a CycloneDX 1.6 document in JSON, made when the image was built: every Debian package with its
    version, architecture, source package, licences and package URL, and every Python package of pip's.
    Nothing is built or started.
    """
    from roost.errors import RoostError, UsageError
    from roost.images.sbom import get_sbom
    from roost.spec import PoolSpec, load_pool_file, overlay

    if image and (role or file or suite):
        raise UsageError("--image names an image by itself", hint="leave ROLE, -f and --suite out")
    if file is None and image is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    spec = overlay(load_pool_file(file) if file else PoolSpec(), suite=suite)
    with app.open_engine() as engine:
        found = get_sbom(engine, image or _image_of(engine, spec, Role(role or Role.EXECUTE)))
    if output is None:
        click.echo(found, nl=False)
        return
    try:
        output.write_bytes(found)
    except OSError as error:
        raise RoostError(f"cannot write {output}: {error.strerror or error}") from error


def _image_of(engine: Engine, spec: PoolSpec, role: Role) -> str:
    """The id of the role's image, as a pool of that specification has it."""
    from roost.errors import NotFoundError
    from roost.images import find_derived, find_images

    images = find_images(engine, spec.suite)
    if images:
        images = find_derived(engine, images, apt=spec.apt, pip=spec.pip)
    if images is None:
        raise NotFoundError(
            f"the images of {spec.suite} are not built", hint="`roost build` makes them"
        )
    return images[role].id
