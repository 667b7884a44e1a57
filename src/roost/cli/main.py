"""The entry of the ``roost`` command: its root, and the one place where it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from roost.cli.app import App
from roost.cli.command import SETTINGS, Example
from roost.cli.ending import end_of
from roost.cli.group import Group
from roost.cli.options import shared_options
from roost.cli.signals import interruptible
from roost.commandline import SAID
from roost.version import __version__

_EXAMPLES = (
    Example("roost setup && roost up", "from nothing to a pool"),
    Example("roost run -- python3 -c 'print(6*7)'", "a command as a job"),
    Example("roost demo", "real work, start to finish"),
)


class Root(Group):
    """The root group; it ends the process, with the exit code that the outcome calls for."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        *_ignored: Any,
        **extra: Any,
    ) -> NoReturn:
        """Run a command line to its end. ``obj`` in ``extra`` is an :class:`App` to start with."""
        app = extra.setdefault("obj", App())
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            with end_of(app):
                with interruptible():
                    self._complete(complete_var or "_ROOST_COMPLETE")
                    with self.make_context(prog_name or "roost", arguments, **extra) as context:
                        code = self.invoke(context)
                sys.exit(code or 0)
        finally:
            SAID.nothing()

    def _complete(self, variable: str) -> None:
        """Answer the shell's question when it asks for completions instead of running anything."""
        if instruction := os.environ.get(variable):
            from click.shell_completion import shell_complete

            sys.exit(shell_complete(self, {}, "roost", variable, instruction))


@click.group(
    name="roost",
    cls=Root,
    examples=_EXAMPLES,
    invoke_without_command=True,
    context_settings=SETTINGS,
    params=shared_options(),
)
@click.version_option(__version__, prog_name="roost", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """A secured HTCondor pool in containers, from one laptop to many hosts."""
    if os.environ.get("NO_COLOR"):
        context.color = False
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> NoReturn:
    """What ``roost`` runs."""
    cli.main()
