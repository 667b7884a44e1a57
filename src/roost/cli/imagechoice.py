"""Which image a command looks into: that of a role, as a pool file wants it, or any by its name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roost.cli.app import DEFAULT_FILE
from roost.contract import Role
from roost.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from roost.engines.protocol import Engine


@dataclass(frozen=True)
class ImageChoice:
    """What the command line says of the image."""

    role: Role
    file: Path | None
    suite: str | None
    image: str | None

    def find(self, engine: Engine) -> str:
        """The id of the image, or the name by which it was asked for."""
        from roost.images import find_derived, find_images
        from roost.spec import PoolSpec, load_pool_file, overlay

        if self.image:
            return self.image
        spec = overlay(load_pool_file(self.file) if self.file else PoolSpec(), suite=self.suite)
        images = find_images(engine, spec.suite)
        if images:
            images = find_derived(engine, images, apt=spec.apt, pip=spec.pip)
        if images is None:
            raise NotFoundError(
                f"the images of {spec.suite} are not built", hint="`roost build` makes them"
            )
        return images[self.role].id


def choose(
    role: str | None, file: Path | None, suite: str | None, image: str | None
) -> ImageChoice:
    """The choice; ./roost.toml counts as in `roost build`."""
    if image and (role or file or suite):
        raise UsageError("--image names an image by itself", hint="leave ROLE, -f and --suite out")
    if file is None and image is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    return ImageChoice(Role(role or Role.EXECUTE), file, suite, image)


def image_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """ROLE, -f, --suite and --image, which the function gets as one ``choice``."""

    @click.argument("role", required=False, type=click.Choice([role.value for role in Role]))
    @click.option(
        "-f",
        "--file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The pool file (default: ./roost.toml, if there is one).",
    )
    @click.option(
        "--suite", metavar="NAME", help="Debian release: trixie or forky (newer HTCondor)."
    )
    @click.option("--image", metavar="NAME", help="Any image that stands on one of Roost's.")
    @functools.wraps(function)
    def with_choice(
        *arguments: Any,
        role: str | None,
        file: Path | None,
        suite: str | None,
        image: str | None,
        **others: Any,
    ) -> Any:
        return function(*arguments, choice=choose(role, file, suite, image), **others)

    return with_choice
