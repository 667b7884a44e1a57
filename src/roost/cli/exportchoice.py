"""What ``roost export swarm`` and ``roost export compose`` have in common."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roost.cli.app import DEFAULT_FILE, App
from roost.cli.imagechoice import build_hint
from roost.cli.output.stdout import print_json, say
from roost.cli.params import PathName, duration_s
from roost.contract import Role
from roost.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from roost.engines.protocol import Engine
    from roost.export.files import Export
    from roost.export.model import Services
    from roost.spec import PoolSpec

_LONGEST_S = 10**7


@dataclass(frozen=True)
class ExportChoice:
    """What the command line says of an export."""

    directory: Path | None
    file: Path | None
    executors: int | None
    longest_job_s: float
    life_s: float
    force: bool
    new_secrets: bool

    def spec(self, app: App) -> PoolSpec:
        """The pool: that of the pool file, or the default one, under the name that is wanted."""
        from roost.spec import PoolSpec, load_pool_file, overlay

        file = self.file or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
        spec = load_pool_file(file) if file else PoolSpec()
        return overlay(spec, name=app.wanted_pool, executors=self.executors)

    def images(self, engine: Engine, spec: PoolSpec) -> Mapping[Role, str]:
        """Each role's image, by the name that it has on every host. Raises NotFoundError."""
        from roost.images import find_derived, find_images

        images = find_images(engine, spec.suite)
        images = images and find_derived(engine, images, apt=spec.apt, pip=spec.pip)
        if images is None:
            raise NotFoundError(
                f"the images of {spec.suite} are not built on this host, and an export names them",
                hint=build_hint(self.file),
            )
        return images.references()

    def services(self, spec: PoolSpec, images: Mapping[Role, str]) -> Services:
        """The pool as services."""
        from roost.export.model import plan_services

        if not 0 < self.longest_job_s <= _LONGEST_S:
            raise UsageError(f"--longest-job is from 1s to {_LONGEST_S}s")
        return plan_services(spec, images, longest_job_s=self.longest_job_s)

    def write(
        self,
        directory: str,
        name: str,
        services: Services,
        render: Callable[[str], str],
        *,
        secret_mode: int,
        notes: tuple[str, ...] = (),
    ) -> Export:
        """Write the files; ``directory`` where the command line names none."""
        from roost.export.files import write_export
        from roost.export.invites import make_secrets
        from roost.export.model import MASTER_PLACE

        return write_export(
            self.directory or Path(directory),
            name,
            render,
            lambda: make_secrets(services.pool, MASTER_PLACE, life_s=self.life_s, now=time.time()),
            secret_mode=secret_mode,
            force=self.force,
            new_secrets=self.new_secrets,
            others=services.config_files(),
            notes=notes,
        )


def show_export(app: App, made: Export, next_step: str) -> None:
    """Say what was written, and what comes next."""
    for left_out in made.notes:
        say(f"left out: {left_out}")
    if app.json:
        print_json(
            {
                "file": str(made.file),
                "secrets": str(made.secrets),
                "new_secrets": made.new_secrets,
                "left_out": list(made.notes),
            }
        )
        return
    click.echo(click.format_filename(made.file))
    kept = "new" if made.new_secrets else "as they were"
    say(f"{made.secrets} holds the pool's secrets ({kept}): keep it to yourself.")
    say(next_step)


def _life_s(context: click.Context, parameter: click.Parameter, value: str) -> float:
    """How long invites are good, in seconds, within what they may be."""
    from roost.export.invites import LONGEST_S
    from roost.invitation import life_problem

    life_s = duration_s(context, parameter, value) or 0.0
    if problem := life_problem(life_s, LONGEST_S):
        raise click.BadParameter(problem, param=parameter)
    return life_s


def export_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of an export, which the function gets as one ``choice``."""

    @click.argument("directory", required=False, type=PathName(file_okay=False))
    @click.option(
        "-f",
        "--file",
        type=PathName(dir_okay=False),
        help="The pool file (default: ./roost.toml, if there is one).",
    )
    @click.option("-n", "--executors", type=int, metavar="N", help="How many executors.")
    @click.option(
        "--longest-job",
        "longest_job_s",
        callback=duration_s,
        default="1h",
        show_default=True,
        metavar="DURATION",
        help="How long the jobs of an executor may go on when it is stopped, such as 90m or 8h.",
    )
    @click.option(
        "--ttl",
        "life_s",
        callback=_life_s,
        default="365d",
        show_default=True,
        metavar="DURATION",
        help="How long new nodes may join with the invites, from 1s to 365d. Nodes that have joined stay.",
    )
    @click.option("--force", is_flag=True, help="Replace a file that is there.")
    @click.option(
        "--new-secrets", is_flag=True, help="Make new secrets; the old ones are good no more."
    )
    @functools.wraps(function)
    def with_choice(
        *arguments: Any,
        directory: Path | None,
        file: Path | None,
        executors: int | None,
        longest_job_s: float,
        life_s: float,
        force: bool,
        new_secrets: bool,
        **others: Any,
    ) -> Any:
        choice = ExportChoice(directory, file, executors, longest_job_s, life_s, force, new_secrets)
        return function(*arguments, choice=choice, **others)

    return with_choice
