"""What ``--help`` promises holds for every command."""

from __future__ import annotations

import shlex

import click
import pytest
from click.testing import CliRunner

from roost.cli.command import Command, CommandGroup
from roost.cli.group import COMMANDS, Group
from roost.cli.main import cli
from roost.version import __version__
from tests.unit.cli.conftest import Roost

END_OF_COMMAND = {"|", "&&", ">", "<"}


def get_command(name: str) -> Command | CommandGroup:
    command = cli.get_command(click.Context(cli), name)
    assert isinstance(command, Command | CommandGroup)
    return command


def command_lines() -> list[tuple[str, list[str]]]:
    """Every call of ``roost`` in the examples of the help, as (example, arguments)."""
    examples = [example for name in sorted(COMMANDS) for example in get_command(name).examples]
    assert isinstance(cli, Group)
    found = []
    for example in (*cli.examples, *examples):
        words = shlex.split(example.line.removeprefix('eval "$(').removesuffix(')"'))
        calls = [number for number, word in enumerate(words) if word == "roost"]
        for start in calls:
            rest = words[start + 1 :]
            end = next((n for n, word in enumerate(rest) if word in END_OF_COMMAND), len(rest))
            found.append((example.line, rest[:end]))
    return found


def test_version() -> None:
    result = CliRunner().invoke(cli, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"roost {__version__}\n")


def test_no_command_is_help(roost: Roost) -> None:
    result = roost()
    assert result.exit_code == 0
    assert result.stdout == roost("--help").stdout == roost("-h").stdout
    assert all(name in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_it_does_and_shows_how(roost: Roost, name: str) -> None:
    result = roost(name, "-h")
    assert result.exit_code == 0
    assert result.stdout == roost(name, "--help").stdout
    assert "Examples:" in result.stdout
    first_line = (get_command(name).help or "").splitlines()[0]
    assert first_line[0].isupper()
    assert all(
        option.help for option in get_command(name).params if isinstance(option, click.Option)
    )


@pytest.mark.parametrize(("line", "arguments"), command_lines(), ids=lambda value: str(value)[:60])
def test_examples_are_right(line: str, arguments: list[str]) -> None:
    """They parse; nothing is run."""
    assert arguments, line
    with click.Context(cli, info_name="roost") as context:
        name, command, rest = cli.resolve_command(context, arguments)
        assert command is not None, line
        check(name, command, rest, context)


def check(
    name: str | None, command: click.Command, arguments: list[str], parent: click.Context
) -> None:
    with command.make_context(name, list(arguments), parent=parent) as context:
        if isinstance(command, CommandGroup):
            inner, one, rest = command.resolve_command(context, arguments)
            assert one is not None
            check(inner, one, rest, context)


def test_commands_of_two_words_name_each_other(roost: Roost) -> None:
    result = roost("export", "everything")
    assert result.exit_code == 2
    assert "there is no `roost export everything`, but `roost export compose`" in result.stderr
    for arguments in (["export"], ["export", "--json"], ["--pool", "lab", "export", "-v"]):
        none = roost(*arguments)
        assert (none.exit_code, none.stdout) == (2, "")
        assert none.stderr.endswith(
            "Error: `roost export` needs a command: `roost export compose`, `roost export swarm`,"
            " `roost export logs`.\nHint: `roost export --help` shows what it takes\n"
        )
    assert "Write a support archive" in roost("export", "--help").stdout
    assert "--output" in roost("export", "logs", "-h").stdout
