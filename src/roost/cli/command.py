"""A command of ``roost``: click's, with examples in its help and the shared options at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click
from click.core import ParameterSource

from roost.cli.options import shared_options

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@dataclass(frozen=True)
class Example:
    """A command line and what it is for."""

    line: str
    meaning: str


class Command(click.Command):
    """``examples`` stand in the help, between what the command does and its options."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples first: most people look for one that is near to what they want."""
        write_examples(self.examples, formatter)
        super().format_options(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Refuse options before the command that mean nothing to it, such as ``roost --json exec``."""
        taken = {parameter.name for parameter in self.params}
        idle = [flag for name, flag in _given_before(ctx).items() if name not in taken]
        if idle:
            raise click.UsageError(f"`{ctx.command_path}` has no {' and no '.join(idle)}.", ctx)
        return super().invoke(ctx)


class CommandGroup(click.Group):
    """Commands of two words, such as ``roost export logs``; its help shows the examples of them all.

    The function that it is made of is never called: its name and its words alone count.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"callback": self._check, "invoke_without_command": True}
        super().__init__(subcommand_metavar="COMMAND [ARGS]...", **kwargs)

    @property
    def examples(self) -> tuple[Example, ...]:
        """Of its commands, in their order."""
        commands = (one for one in self.commands.values() if isinstance(one, Command))
        return tuple(example for one in commands for example in one.examples)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples first, then the commands."""
        write_examples(self.examples, formatter)
        super().format_options(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the commands that there are when there is none of that name."""
        if args[0] not in self.commands and not ctx.resilient_parsing:
            raise click.UsageError(
                f"there is no `{ctx.command_path} {args[0]}`, but {self._there(ctx)}.", ctx
            )
        return super().resolve_command(ctx, args)

    def _check(self) -> None:
        """Name the commands that there are where none is named."""
        ctx = click.get_current_context()
        if ctx.invoked_subcommand is None:
            raise click.UsageError(
                f"`{ctx.command_path}` needs a command: {self._there(ctx)}.", ctx
            )

    def _there(self, ctx: click.Context) -> str:
        return ", ".join(f"`{ctx.command_path} {name}`" for name in self.commands)


def given(context: click.Context) -> dict[str, str]:
    """The options of a command that stand on the command line, by name, as their flags are written."""
    return {
        option.name: max(option.opts, key=len)
        for option in context.command.params
        if isinstance(option, click.Option)
        and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    }


def _given_before(context: click.Context) -> dict[str, str]:
    """Those of the words before the command."""
    above = context.parent
    return {**_given_before(above), **given(above)} if above else {}


def write_examples(examples: Sequence[Example], formatter: click.HelpFormatter) -> None:
    """The section of examples, in lines that can be copied whole."""
    if not examples:
        return
    with formatter.section("Examples"):
        for example in examples:
            indent = " " * formatter.current_indent
            formatter.write(f"{indent}# {example.meaning}\n{indent}{example.line}\n")


def command(
    *,
    examples: Sequence[tuple[str, str]],
    json: bool = False,
    pool: bool = True,
    engine: bool = True,
    **settings: Any,
) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command, which is named after it.

    ``examples`` are pairs of a command line and its meaning. ``json``, ``pool`` and ``engine`` tell
    which of the shared options it takes. The function returns an exit code, or None for success.
    """

    def wrap(function: Callable[..., Any]) -> Command:
        made = click.command(
            cls=Command,
            examples=[Example(*one) for one in examples],
            context_settings={**SETTINGS, **settings.pop("context_settings", {})},
            **settings,
        )(function)
        made.params += shared_options(json=json, pool=pool, engine=engine)
        return made

    return wrap
