"""The reference of the command, rendered from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from roost.cli.command import Command, CommandGroup, Example
from roost.cli.group import SECTIONS
from roost.cli.main import Root, cli
from roost.cli.options import shared_options

_INTRODUCTION = """\
# The `roost` command

`roost COMMAND --help` says the same on the terminal.

Results go to stdout, everything else (progress, hints, errors) to stderr; with `--json` stdout
holds JSON alone.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (128+N by signal N, 141 by a reader that
went away). `roost run` and `roost exec` exit with the code of the command that they ran, or with one of
these when it did not come to run; what Roost has to say of that begins with `Error:` on stderr. `roost run`
and `roost wait` have 122 for jobs on hold, `roost run` 123 for one that was removed.

<!-- Written by `make docs` from src/roost/cli: change it there. -->
"""


def render_reference() -> str:
    """The whole page, in Markdown."""
    assert isinstance(cli, Root)
    context = _context(cli, "roost", None)
    parts = [_INTRODUCTION, *_shared(context)]
    for title, names in SECTIONS.items():
        parts.append(f"## {title}\n")
        for name in names:
            command = cli.get_command(context, name)
            assert command is not None
            parts += _commands(command, _context(command, name, context))
    return "\n".join(parts)


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(command, info_name=name, parent=parent, **command.context_settings)


def _shared(context: click.Context) -> Iterator[str]:
    yield "## Shared options\n"
    yield (
        "Each may stand before or after a command that takes it, and between the words of one that has"
        " two.\n"
    )
    yield from _table(cli, context, own=False)
    yield "`roost --version` shows the version.\n"


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    """A command, or those of a group."""
    if isinstance(command, CommandGroup):
        for name, one in command.commands.items():
            yield from _commands(one, _context(one, name, context))
    else:
        assert isinstance(command, Command)
        yield from _command(command, context)


def _command(command: Command, context: click.Context) -> Iterator[str]:
    yield f"### `{context.command_path}`\n"
    yield _usage(command, context)
    yield _paragraphs(command.help or "")
    if command.examples:
        yield _examples(command.examples)
    yield from _table(command, context, own=True)
    shared = [f"`{name}`" for name in _records(command, context, own=False)]
    yield f"Shared options: {', '.join(shared)}.\n"


def _usage(command: Command, context: click.Context) -> str:
    pieces = " ".join(command.collect_usage_pieces(context))
    return f"```\n{context.command_path} {pieces}\n```\n"


def _paragraphs(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs) + "\n"


def _examples(examples: tuple[Example, ...]) -> str:
    lines = "\n".join(f"# {example.meaning}\n{example.line}" for example in examples)
    return f"```sh\n{lines}\n```\n"


def _table(command: click.Command, context: click.Context, *, own: bool) -> Iterator[str]:
    """The options of the command alone, or those that it shares with others."""
    records = _records(command, context, own=own)
    if records:
        yield "| option | meaning |\n|---|---|"
        yield from (f"| `{_cell(name)}` | {_cell(text)} |" for name, text in records.items())
        yield ""


def _records(command: click.Command, context: click.Context, *, own: bool) -> dict[str, str]:
    """Options with their values, and what they mean, as the help shows them."""
    shared = {option.name for option in shared_options()}
    options = (one for one in command.params if isinstance(one, click.Option))
    records = (one.get_help_record(context) for one in options if (one.name not in shared) is own)
    return dict(record for record in records if record)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
