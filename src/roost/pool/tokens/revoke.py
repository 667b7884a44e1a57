"""``roost token revoke``: end a node's part at once, whoever has its token; and let it in again."""

from __future__ import annotations

from dataclasses import dataclass

from roost import contract
from roost.commandline import command_line
from roost.contract import Role
from roost.engines.protocol import Container, Engine
from roost.errors import NotFoundError, RoostError
from roost.events import Reporter, step
from roost.plan.names import MASTER_NODE
from roost.pool.nodes import ask_node, role_of
from roost.pool.threads import engine_threads
from roost.pool.tokens.give import give_tokens
from roost.pool.tokens.known import wait_known
from roost.pool.tokens.state import (
    ask_master,
    get_state,
    node_name,
    running,
    token_holders,
)


@dataclass(frozen=True)
class RevokeResult:
    """``released`` counts the jobs (or slots, of a submit node) that were taken from the node;
    ``here``: this engine holds it, and it goes on running, shut out of the pool."""

    node: str
    identity: str
    released: int
    here: bool


def revoke_node(engine: Engine, pool: str, node: str, report: Reporter) -> RevokeResult:
    """Nothing is taken from the node any more, and what it had is free. Survives the master.

    Raises NotFoundError that names the nodes there are, and RoostError when a node that has claims with
    it could not be asked; it is shut out then, but its jobs are not back in the queue yet.
    """
    holders = token_holders(engine, pool)
    _refuse_unknown(engine, pool, node, holders)
    with step(report, "revoke", node):
        told = ask_master(engine, pool, "revoke", node)
    released = _release(engine, node, running(holders), report)
    here = any(node_name(one) == node for one in holders)
    return RevokeResult(node, str(told["identity"]), released, here)


def _refuse_unknown(engine: Engine, pool: str, node: str, holders: list[Container]) -> None:
    if node == MASTER_NODE:
        raise RoostError(
            "the master has no token: it holds the keys that sign those of others",
            hint=f"`{command_line('token rotate', pool)}` changes the key",
        )
    state = get_state(engine, pool)
    known = {node_name(one) for one in holders}
    known |= {state.node_of(one.identity) for one in state.issued}
    known |= {state.node_of(identity) for identity in state.revoked}
    if node not in known:
        raise NotFoundError(
            f"pool {pool} has no node {node!r} with a token",
            hint=f"it has {', '.join(sorted(known))}",
        )


def _release(engine: Engine, node: str, asked: list[Container], report: Reporter) -> int:
    """Those on the other side of its claims give them up; the node itself is not asked."""
    other_side = Role.EXECUTE if contract.role_of_node(node) is Role.SUBMIT else Role.SUBMIT
    others = [one for one in asked if role_of(one) is other_side and node_name(one) != node]
    with step(report, "claims") as tell, engine_threads() as threads:
        futures = {
            node_name(one): threads.submit(ask_node, engine, one.name, ["release", node])
            for one in others
        }
        released, problems = 0, []
        for name, future in futures.items():
            try:
                released += int(future.result()["released"])
            except RoostError as error:
                problems.append(f"{name}: {error.message}")
        if problems:
            raise RoostError(
                f"{node} is revoked, but not all its claims are released: {'; '.join(problems)}",
                hint="repeat the command",
            )
        tell(f"{released} released")
    return released


def readmit_node(engine: Engine, pool: str, node: str, report: Reporter) -> bool:
    """Take a revocation back: the node may have a new token, and has it where this engine holds it.
    Its old tokens stay revoked, and their sessions end. False where it was not revoked.
    """
    holders = token_holders(engine, pool)
    _refuse_unknown(engine, pool, node, holders)
    with step(report, "readmit", node):
        told = ask_master(engine, pool, "readmit", node)
    if not told["was_revoked"]:
        return False
    own = [one for one in holders if node_name(one) == node]
    if own:
        with step(report, "token", node):
            problems = give_tokens(engine, pool, own)
            if problems:
                raise RoostError(
                    f"{node} did not take its new token: {problems[node]}",
                    hint=f"`{command_line('up', pool)}` makes it anew; "
                    f"see why: {command_line(f'logs {node}', pool)}",
                )
    with step(report, "sessions", "every node logs in anew"):
        state = get_state(engine, pool)
        wait_known(
            engine,
            pool,
            [
                one
                for one in running(holders)
                if f"{node_name(one)}@{state.domain}" not in state.revoked
            ],
        )
    return True
