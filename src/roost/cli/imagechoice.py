"""Which images a command means: that of a role, as a pool file wants it, or any by its name; or those of a
whole pool."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from roost.cli.app import DEFAULT_FILE
from roost.cli.params import PathName
from roost.commandline import command_line
from roost.contract import Role
from roost.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from roost.engines.protocol import Engine
    from roost.spec import PoolSpec


def given_again(file: Path | None, suite: str | None = None) -> str:
    """These options, for another command line."""
    options = f" -f {quote(str(file))}" if file and file != DEFAULT_FILE else ""
    return options + (f" --suite {suite}" if suite else "")


def build_hint(file: Path | None, suite: str | None = None) -> str:
    """How the images are made that a command missed."""
    return f"`{command_line(f'build{given_again(file, suite)}')}` makes them"


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
                f"the images of {spec.suite} are not built", hint=build_hint(self.file, self.suite)
            )
        return images[self.role].id


def choose(
    role: str | None, file: Path | None, suite: str | None, image: str | None
) -> ImageChoice:
    """The choice; ./roost.toml counts as in `roost build`."""
    if image == "":
        raise UsageError("--image names no image", hint="name one, or leave it out")
    if image and (role or file or suite):
        raise UsageError("--image names an image by itself", hint="leave ROLE, -f and --suite out")
    if file is None and image is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    return ImageChoice(Role(role or Role.EXECUTE), file, suite, image)


@dataclass(frozen=True)
class SetChoice:
    """What the command line says of the images of all roles."""

    file: Path | None
    suite: str | None

    def spec(self) -> PoolSpec:
        """What the pool file and the flags say of a pool."""
        from roost.spec import PoolSpec, load_pool_file, overlay

        return overlay(load_pool_file(self.file) if self.file else PoolSpec(), suite=self.suite)

    def names(self, engine: Engine) -> list[str]:
        """Names of the images. Raises NotFoundError where they are not built."""
        from roost.images.carry import carried_images

        spec = self.spec()
        hint = build_hint(self.file, self.suite)
        return carried_images(engine, spec.suite, apt=spec.apt, pip=spec.pip, hint=hint)


def _file_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "-f",
        "--file",
        "pool_file",
        type=PathName(dir_okay=False),
        help="The pool file (default: ./roost.toml, if there is one).",
    )(function)


def _suite_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--suite", metavar="NAME", help="Debian release: trixie or forky (newer HTCondor)."
    )(function)


def set_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """-f and --suite, which the function gets as one ``choice``."""

    @_file_option
    @_suite_option
    @functools.wraps(function)
    def with_choice(
        *arguments: Any, pool_file: Path | None, suite: str | None, **others: Any
    ) -> Any:
        if pool_file is None and DEFAULT_FILE.is_file():
            pool_file = DEFAULT_FILE
        return function(*arguments, choice=SetChoice(pool_file, suite), **others)

    return with_choice


def image_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """ROLE, -f, --suite and --image, which the function gets as one ``choice``."""

    @click.argument("role", required=False, type=click.Choice([role.value for role in Role]))
    @_file_option
    @_suite_option
    @click.option("--image", metavar="NAME", help="Any image that is built on one of Roost's.")
    @functools.wraps(function)
    def with_choice(
        *arguments: Any,
        role: str | None,
        pool_file: Path | None,
        suite: str | None,
        image: str | None,
        **others: Any,
    ) -> Any:
        return function(*arguments, choice=choose(role, pool_file, suite, image), **others)

    return with_choice
