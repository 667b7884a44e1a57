"""``roost token rotate``: change the signing key."""

from __future__ import annotations

from dataclasses import asdict

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import count, print_json, say


@command(
    json=True,
    examples=[
        ("roost token rotate", "another key, and a token of it for every node"),
        ("roost token rotate --json", "which nodes still keep an old key alive, for programs"),
    ],
)
@click.pass_obj
def token_rotate(app: App) -> None:
    """Change the key that signs the pool's tokens, and every token with it. No job is lost.

    A new key signs from now on; each running node of this engine gets a new token and tries it; the
    old key is deleted and every connection made anew. Where nodes on other engines have tokens of the
    old key, it stays until they have renewed them; rotating again then deletes it.
    """
    with app.open_pool() as pool:
        again = app.line("token rotate", pool.name)
        app.if_interrupted = f"the pool goes on with two keys; `{again}` ends the rotation"
        result = pool.rotate_key()
        app.progress.close()
        if app.json:
            print_json(asdict(result))
            return
        went_on = ", going on with an earlier rotation" if result.continued else ""
        click.echo(
            f"{result.key} signs{went_on}: {count(len(result.reissued), 'token')} issued anew, "
            f"{count(len(result.deleted), 'old key')} deleted."
        )
        for key, nodes in result.waiting.items():
            say(
                f"{key} stays: {', '.join(nodes)} may have a token of it. A node renews its token by "
                f"itself when a third of its life is left; then `{again}` deletes the key."
            )
