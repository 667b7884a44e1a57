"""``roost join``: a node of this machine for a pool of another one."""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any, TextIO

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import print_json, say
from roost.cli.params import host_address, memory_mb, waiting_s
from roost.errors import ImageBuildError, UsageError

if TYPE_CHECKING:
    from roost.engines.protocol import Engine
    from roost.images import ImageSet
    from roost.spec import Suite

_STDIN = "<stdin>"


@command(
    json=True,
    pool=False,
    examples=[
        ("roost join < invite", "join with the invite in a file"),
        ("ssh head roost invite execute | roost join --cpus 8 --memory 16GB", "a large executor"),
    ],
)
@click.option("--node", metavar="NAME", help="The node's name (default: one that is free).")
@click.option("--cpus", type=click.IntRange(min=1), metavar="N", help="CPUs of an executor.")
@click.option(
    "--memory", callback=memory_mb, metavar="SIZE", help="Memory of an executor, such as 2GB."
)
@click.option(
    "--suite",
    metavar="NAME",
    help="Debian release of the image: trixie or forky (default: the master's).",
)
@click.option(
    "--address",
    callback=host_address,
    default="",
    metavar="IP",
    help="Where other hosts reach this one: the node's port 9618 is published there.",
)
@click.option(
    "--timeout",
    "timeout_s",
    callback=waiting_s(least=1),
    default="3m",
    show_default=True,
    metavar="TIME",
    help="How long the node may take to join.",
)
@click.option(
    "--images",
    "archive",
    type=click.File("rb"),
    metavar="FILE",
    help="First take the images in this archive, as `roost images load` does.",
)
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
@click.pass_obj
def join(
    app: App,
    node: str | None,
    cpus: int | None,
    memory: int | None,
    suite: str | None,
    address: str,
    timeout_s: float,
    archive: IO[bytes] | None,
    file: TextIO,
) -> None:
    """Start a node on this machine's engine that joins a pool by an invite.

    The invite, a line that `roost invite` printed, is read from FILE or from standard input, never from
    an argument. The node gets a token of its own with it, and the invite goes. Where it cannot join,
    nothing is left behind.

    Images that are not here are built, which takes a package mirror. Where there is none, bring them from the
    pool's host: `roost images push-to` there, or --images here.

    Without --address, other nodes reach it through the master. HTCondor 23.9 runs no job where both the
    submit node and the executor are reached in that way only; the node says so when it joins.
    """
    from roost.images.carry import load_images
    from roost.pool.join import join as join_pool
    from roost.pool.join import read_invite
    from roost.spec import PoolSpec, overlay

    if archive and _is_stdin(archive) and _is_stdin(file):
        raise UsageError(
            "the invite and the images cannot both come from one place",
            hint="name a FILE for the invite, and leave the images on standard input",
        )
    if file.isatty():
        say("Paste the invite, then press Ctrl-D:")
    text = file.read(65536)
    invite = read_invite(text, time.time())  # before anything is built
    wanted = overlay(PoolSpec(), suite=suite or invite.suite, cpus=cpus, memory_mb=memory)
    app.if_interrupted = "the node was not made; images that came or were built by then stay"
    with app.open_engine() as engine:
        if archive:
            load_images(engine, archive, app.progress)
        images = _images(app, engine, wanted.suite)
        result = join_pool(
            engine,
            text,
            images.ids(),
            app.progress,
            node=node,
            hostname=os.uname().nodename,
            cpus=wanted.cpus,
            memory_mb=wanted.memory_mb,
            timeout_s=timeout_s,
            address=address,
        )
        app.progress.close()
        if app.json:
            print_json({**asdict(result), "engine": engine.name})
        else:
            click.echo(
                f"{result.node} has joined pool {result.pool}, whose master is at {result.master}"
                f" (container {result.container} on {engine.name})."
            )
            for line in filter(None, (result.reach, result.apart)):
                say(line)


def _is_stdin(file: IO[Any]) -> bool:
    return getattr(file, "name", _STDIN) == _STDIN


def _images(app: App, engine: Engine, suite: Suite) -> ImageSet:
    """Those of this host, or built now."""
    from roost.images import ensure_images

    try:
        return ensure_images(engine, suite, report=app.progress)
    except ImageBuildError as error:
        bring = (
            f"the host of the pool has them: there, `roost images push-to {os.uname().nodename}` or"
            " `roost images save FILE`, and here `roost join --images FILE`"
        )
        error.hint = f"{error.hint}; or {bring}" if error.hint else bring
        raise
