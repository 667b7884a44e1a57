"""``roost export swarm``: the pool as a stack for Docker Swarm."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.exportchoice import ExportChoice, export_options, show_export
from roost.commandline import command_line
from roost.errors import UsageError

if TYPE_CHECKING:
    from roost.engines.protocol import Engine

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


@command(
    json=True,
    examples=[
        ("roost export swarm", "stack.yaml and its secrets, in ./roost-swarm"),
        ("roost export swarm -n 20 --longest-job 8h", "for jobs that run for up to eight hours"),
        ("roost export swarm --state-on head lab/", "master and submit node on the host head"),
    ],
)
@click.option(
    "--state-on",
    metavar="HOST",
    help="The Swarm node, by its host name, that keeps the volumes of master and submit node (default: this"
    " one).",
)
@export_options
@click.pass_obj
def export_swarm(app: App, choice: ExportChoice, state_on: str | None) -> None:
    """Write a stack for `docker stack deploy` into DIRECTORY (default: POOL-swarm).

    Executors join by an invite that Swarm keeps as a secret, so that nobody has to let them in, also where
    Swarm starts them again. A file that is there stays, unless --force is given, and secrets that are there
    stay in any case, unless --new-secrets is: the pool goes on with the same ones.
    """
    from roost.export.swarm import FILE, for_swarm, render_stack

    with app.open_engine() as engine:
        spec, notes = for_swarm(choice.spec(app))
        images = choice.images(engine, spec)
        host = _checked(state_on) if state_on else _this_host(engine)
    services = choice.services(spec, images)

    def render(secrets_id: str) -> str:
        return render_stack(services, state_on=host, secrets_id=secrets_id)

    made = choice.write(
        f"{spec.name}-swarm", FILE, services, render, secret_mode=0o600, notes=notes
    )
    show_export(
        app,
        made,
        f"Bring the images to every host (`{command_line('images push-to')}`), and on a manager:\n"
        f"docker stack deploy --resolve-image never -c {quote(str(made.file))} {spec.name}",
    )


def _checked(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise UsageError(
            f"--state-on: {host!r} is no host name", hint="`docker node ls` on a manager shows them"
        )
    return host


def _this_host(engine: Engine) -> str:
    if not engine.capabilities.stacks:
        raise UsageError(
            "this host's engine is no manager of a Swarm, so it is not known which host shall keep the"
            " volumes of master and submit node",
            hint="name the Swarm node with --state-on (`docker node ls` on a manager), or begin a Swarm:"
            " docker swarm init",
        )
    return engine.info().host
