"""``roost exec``: a command inside a node."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.completions import complete_node
from roost.cli.inside import run_inside


@command(
    context_settings={"allow_interspersed_args": False},
    examples=[
        ("roost exec submit -- condor_q -allusers", "HTCondor's own tools, where they belong"),
        ("roost exec master -- condor_status -af Name State", "what the collector knows"),
        ("roost exec execute-1 -- sh -c 'cat > /tmp/x' < x", "standard input is passed on"),
    ],
)
@click.option("-u", "--user", default="root", show_default=True, help="Account in the node.")
@click.argument("node", shell_complete=complete_node)
@click.argument("argv", nargs=-1, type=click.UNPROCESSED, required=True, metavar="-- CMD...")
@click.pass_obj
def exec(app: App, user: str, node: str, argv: tuple[str, ...]) -> int:  # noqa: A001
    """Run a command inside a node.

    Its input, output and exit code are passed through. This is not a job: HTCondor does not know of
    it. Use `roost run` for work.
    """
    argv = argv[1:] if argv[0] == "--" else argv
    if not argv:
        raise click.UsageError("there is no command after `--`")
    app.if_interrupted = f"the command may go on inside {node}"
    with app.open_pool() as pool:
        return run_inside(pool, node, argv, user=user)
