"""The root of the commands: it imports a command's module when that command is typed."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from roost.cli.command import Example, write_examples

SECTIONS: Mapping[str, Sequence[str]] = {
    "The pool": ("setup", "build", "up", "scale", "status", "ls", "token", "down"),
    "Nodes from elsewhere": ("invite", "join", "approve"),
    "Work": ("run", "submit", "jobs", "wait", "fetch", "rm", "demo"),
    "A look inside": ("doctor", "logs", "export", "images", "exec", "shell"),
    "The command itself": ("completion",),
}
"""Every command, in the order in which the help shows them."""

COMMANDS = frozenset(name for names in SECTIONS.values() for name in names)


class Group(click.Group):
    """Commands live in ``roost.cli.commands.<name>``, as its attribute ``<name>``."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"roost.cli.commands.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the near command when there is none of that name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.7)
            mend = f"did you mean `{ctx.command_path} {near[0]}`?" if near else ""
            raise click.UsageError(f"there is no command {name!r}. {mend}".rstrip(), ctx)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, then the commands by what they are for, then the options."""
        write_examples(self.examples, formatter)
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, self._short_help(ctx, name)) for name in names])
        click.Command.format_options(self, ctx, formatter)

    def _short_help(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        assert command is not None
        return command.get_short_help_str(limit=100).rstrip(".")
