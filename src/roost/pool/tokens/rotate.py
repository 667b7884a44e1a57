"""``roost token rotate``: another signing key, and a token of it for every node.

Each step leaves the pool working, and what the master holds tells how far it is, so that the next
``rotate`` or ``up`` goes on from wherever this one was interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass

from roost.commandline import command_line
from roost.engines.protocol import Container, Engine
from roost.errors import RoostError
from roost.events import Reporter, step
from roost.pool.tokens.give import give_tokens
from roost.pool.tokens.known import wait_known
from roost.pool.tokens.list import look_at_tokens
from roost.pool.tokens.state import (
    MasterState,
    ask_master,
    node_name,
    parse_state,
    running,
    token_holders,
)


@dataclass(frozen=True)
class RotateResult:
    """``key`` signs now. ``waiting`` names, for each old key that stays, the nodes that have a token of
    it: they are not on this engine, or not running, and renew their tokens by themselves."""

    key: str
    continued: bool
    """An earlier rotation was not over: this one went on with it."""
    reissued: tuple[str, ...]
    deleted: tuple[str, ...]
    waiting: dict[str, tuple[str, ...]]


def rotate_key(engine: Engine, pool: str, report: Reporter) -> RotateResult:
    """Change the key of a pool that runs; no job notices. Raises RoostError naming the nodes that did
    not take their new token, after everybody else has."""
    with step(report, "key") as tell:
        told = ask_master(engine, pool, "rotate")
        state = parse_state(told, pool)
        tell(f"{state.issuer} signs from now on")
    reissued = _reissue(engine, pool, state, report)
    with step(report, "old keys") as tell:
        answer = ask_master(engine, pool, "retire")
        after = parse_state(answer, pool)
        waiting = {
            str(key): tuple(after.node_of(identity) for identity in identities)
            for key, identities in answer["waiting"].items()
        }
        deleted = tuple(key for key in state.old_keys if key not in after.old_keys)
        tell(f"{len(deleted)} deleted, {len(waiting)} kept")
    if after.sessions_to_drop:
        with step(report, "sessions", "every node logs in anew"):
            ask_master(engine, pool, "drop-sessions")
            wait_known(engine, pool, _not_revoked(engine, pool, after))
    return RotateResult(state.issuer, not told["begun"], reissued, deleted, waiting)


def _reissue(engine: Engine, pool: str, state: MasterState, report: Reporter) -> tuple[str, ...]:
    """New tokens for the nodes that this engine runs and that have one of another key."""
    with step(report, "tokens") as tell:
        containers = _not_revoked(engine, pool, state)
        tokens = look_at_tokens(engine, containers)
        wanted = [
            one
            for one in containers
            if node_name(one) not in tokens or tokens[node_name(one)].key != state.issuer
        ]
        problems = give_tokens(engine, pool, wanted) if wanted else {}
        if problems:
            raise RoostError(
                "not every node has taken its new token, so the old key stays: "
                + "; ".join(f"{node}: {problem}" for node, problem in problems.items()),
                hint=f"see what is wrong with them (`{command_line('doctor', pool)}`), then rotate"
                " again: it goes on",
            )
        tell(f"{len(wanted)} issued anew, each tried by its node")
        return tuple(node_name(one) for one in wanted)


def _not_revoked(engine: Engine, pool: str, state: MasterState) -> list[Container]:
    return [
        one
        for one in running(token_holders(engine, pool))
        if f"{node_name(one)}@{state.domain}" not in state.revoked
    ]
