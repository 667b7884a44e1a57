"""The pool's door, from the host: who asks to join, letting them in, and invites. The master decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from roost import contract
from roost.commandline import command_line
from roost.contract import Role
from roost.engines.protocol import Engine
from roost.errors import RoostError, UsageError
from roost.plan.names import MASTER_NODE
from roost.pool.nodes import ask_node, get_node, last_words
from roost.pool.scale import find_record


@dataclass(frozen=True)
class JoinRequest:
    """A node that waits to be let in. ``problem`` says why it cannot be; ``note`` why it was not yet."""

    code: str
    node: str
    identity: str
    address: str
    asker: str
    authorizations: tuple[str, ...]
    problem: str | None
    note: str


@dataclass(frozen=True)
class InviteInfo:
    """An invite, without its secret part. Times are in seconds of the epoch."""

    id: str
    role: Role
    uses: int
    used_by: tuple[str, ...]
    created: float
    ends: float
    node: str | None
    problem: str | None
    """Why it is good no more; None while it is."""


@dataclass(frozen=True)
class NewInvite:
    """An invite that was made now. ``text`` is its only copy, and a secret."""

    id: str
    role: Role
    pool: str
    uses: int
    ends: float
    node: str | None
    text: str = field(repr=False)


def list_requests(engine: Engine, pool: str) -> list[JoinRequest]:
    """Who asks to join now."""
    told = ask_node(engine, get_node(engine, pool, MASTER_NODE).name, ["requests"])
    return [JoinRequest(**{**one, "authorizations": tuple(one["authorizations"])}) for one in told]


def approve(engine: Engine, pool: str, code: str) -> JoinRequest:
    """Let in who asks with that code. Raises :class:`UsageError` that names the codes there are."""
    wanted = _bare(code)
    pending = list_requests(engine, pool)
    found = [one for one in pending if _bare(one.code) == wanted]
    if not found:
        codes = ", ".join(f"{one.code} ({one.node})" for one in pending)
        raise UsageError(
            f"nobody asks to join pool {pool} with the code {code!r}",
            hint=f"there are: {codes}" if codes else "nobody asks now; the node's log has its code",
        )
    _do(engine, pool, ["approve", found[0].code])
    return found[0]


def _bare(code: str) -> str:
    return "".join(character for character in code.upper() if character.isalnum())


def make_invite(
    engine: Engine,
    pool: str,
    role: Role,
    *,
    ttl_s: int = 3600,
    uses: int = 1,
    node: str | None = None,
    address: str | None = None,
) -> NewInvite:
    """An invite for nodes of a role, good for so many uses and so long.

    ``address`` is where they reach the master; by default that of the pool file (``hosts.address``), or
    that of its container, which is good on its own engine's host. Raises :class:`UsageError` where there
    is no such default.
    """
    master = get_node(engine, pool, MASTER_NODE)
    record = find_record(engine, pool) if address is None else None
    if record and record.spec.hosts_address:
        address = record.spec.hosts_address
    if address is None and (engine.capabilities.rootless or master.address is None):
        raise UsageError(
            "where do other machines reach the master? Its container's address is not reachable here",
            hint="say --address HOST[:PORT], or write hosts.address into the pool file and run "
            f"`{command_line('up', pool)}`",
        )
    command = ["invite", role.value, "--ttl", str(ttl_s), "--uses", str(uses)]
    command += ["--address", address or str(master.address)]
    command += ["--node", node] if node is not None else []
    told = ask_node(engine, master.name, command)
    return NewInvite(
        told["id"],
        Role(told["role"]),
        told["pool"],
        told["uses"],
        told["ends"],
        told["node"],
        told["invite"],
    )


def list_invites(engine: Engine, pool: str) -> list[InviteInfo]:
    """All invites of the last week, oldest first."""
    told = ask_node(engine, get_node(engine, pool, MASTER_NODE).name, ["invites"])
    return [
        InviteInfo(
            one["id"],
            Role(one["role"]),
            one["uses"],
            tuple(one["used_by"]),
            one["created"],
            one["ends"],
            one["node"],
            one["problem"],
        )
        for one in told
    ]


def revoke_invite(engine: Engine, pool: str, invite: str) -> None:
    """End an invite; nodes that joined with it stay. Raises RoostError for one that is not there."""
    _do(engine, pool, ["revoke-invite", invite])


def open_network(engine: Engine, pool: str, network: str, seconds: float) -> None:
    """Let in, for so long, who asks from a network; 0 closes it. Raises UsageError on an engine that hides
    who asks, and RoostError for what is no network or holds the engine's gateway."""
    if engine.capabilities.rootless and seconds:
        raise UsageError(
            f"{engine.name} runs without root here and hides where a connection comes from, so that no"
            " network can be opened",
            hint=f"let nodes in one by one ({command_line('approve CODE', pool)}), or make an invite"
            f" ({command_line('invite ROLE', pool)})",
        )
    _do(engine, pool, ["open-network", network, str(round(seconds))])


def _do(engine: Engine, pool: str, command: Sequence[str]) -> None:
    """A command of the master that tells in its log lines what went wrong."""
    master = get_node(engine, pool, MASTER_NODE).name
    asked = engine.exec(master, [contract.NODE_PROGRAM, *command])
    if asked.exit_code:
        said = last_words(asked.stdout + asked.stderr)
        raise RoostError(said or f"`roost-node {command[0]}` failed in {master}")
