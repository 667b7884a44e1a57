"""``roost completion``: the shell's completion of ``roost``."""

from __future__ import annotations

import click

from roost.cli.command import command


@command(
    pool=False,
    engine=False,
    examples=[
        ('eval "$(roost completion bash)"', "for this shell; put the line into ~/.bashrc"),
        ('eval "$(roost completion zsh)"', "the same in ~/.zshrc"),
        ("roost completion fish > ~/.config/fish/completions/roost.fish", "for fish, for good"),
    ],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, options, pools and nodes in your shell."""
    from click.shell_completion import get_completion_class

    complete = get_completion_class(shell)
    assert complete is not None
    click.echo(complete(context.find_root().command, {}, "roost", "_ROOST_COMPLETE").source())
