"""``roost token revoke``: shut a node or a user out at once."""

from __future__ import annotations

import click

from roost.cli.app import App
from roost.cli.command import command
from roost.cli.output.stdout import count, print_json, say


@command(
    json=True,
    examples=[
        ("roost token revoke execute-3", "shut it out; its jobs go back to the queue"),
        ("roost token revoke --undo execute-3", "let it in again, with a new token"),
        ("roost token revoke --user alice", "end all tokens of a user from outside"),
    ],
)
@click.argument("node", required=False)
@click.option("--user", metavar="NAME", help="Shut out this user from outside, in place of a node.")
@click.option("--undo", is_flag=True, help="Let the node in again; its old tokens stay revoked.")
@click.pass_obj
def token_revoke(app: App, node: str | None, user: str | None, undo: bool) -> None:
    """End a node's or a user's part in the pool at once, whoever has the token.

    The master takes nothing from it any more, not even over connections that are already open. Its ads
    are removed, and its jobs go back to the queue. Neither a restart of the master nor `roost up` lets
    it in again. With --undo, connections of every node are made anew, and no job is lost.

    Of a user, the submit node takes no token and no command any more; jobs in the queue stay. A new
    token (`roost token create`) lets the user in again, at the earliest eleven minutes
    after the revocation.
    """
    if (node is None) == (user is None):
        raise click.UsageError("name a node, or give --user NAME")
    if user is not None:
        if undo:
            create = app.line("token create --user NAME", app.pool_here())
            raise click.UsageError(f"--undo is for nodes; `{create}` lets a user in again")
        _revoke_user(app, user)
        return
    assert node is not None
    with app.open_pool() as pool:
        again = app.line(f"token revoke {'--undo ' if undo else ''}{node}", pool.name)
        app.if_interrupted = f"{node} may be half shut out or let in; `{again}` ends it"
        if undo:
            _show_undone(app, node, pool.readmit(node))
            return
        result = pool.revoke(node)
        app.progress.close()
        if app.json:
            print_json(
                {
                    "node": result.node,
                    "identity": result.identity,
                    "revoked": True,
                    "released": result.released,
                }
            )
            return
        click.echo(f"{result.identity} is revoked; {result.released} of its claims are released.")
        if result.here:
            logs = app.line(f"logs {node}", pool.name)
            say(f"Its container still runs, shut out of the pool; see `{logs}`.")
        say(f"Let it in again: {app.line(f'token revoke --undo {node}', pool.name)}")


def _revoke_user(app: App, user: str) -> None:
    with app.open_pool() as pool:
        again = app.line(f"token revoke --user {user}", pool.name)
        app.if_interrupted = f"{user} may not be shut out yet; `{again}` does it"
        result = pool.revoke_user(user)
        app.progress.close()
        if app.json:
            print_json(
                {
                    "user": result.user,
                    "identity": result.identity,
                    "revoked": True,
                    "ended": result.ended,
                }
            )
            return
        tokens = count(result.ended, "token")
        click.echo(f"{result.identity} is revoked; {tokens} ended.")
        remove = app.line(f"exec submit condor_rm user-{user}", pool.name)
        say(f"Jobs in the queue stay; remove them with `{remove}`.")


def _show_undone(app: App, node: str, was_revoked: bool) -> None:
    app.progress.close()
    if app.json:
        print_json({"node": node, "revoked": False, "changed": was_revoked})
    elif was_revoked:
        click.echo(f"{node} is let in again, with a new token.")
    else:
        say(f"{node} is not revoked: nothing to undo.")
