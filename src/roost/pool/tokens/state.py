"""What the master says of keys and tokens, and the nodes of the pool that this engine holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from roost import contract
from roost.commandline import command_line
from roost.contract import Role
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import RoostError
from roost.plan.names import MASTER_NODE
from roost.pool.nodes import ask_node, get_node, get_pool, role_of


@dataclass(frozen=True)
class Issued:
    """The latest token that the master issued to an identity. Times in seconds of the epoch."""

    identity: str
    key: str
    issued: float
    expires: float


@dataclass(frozen=True)
class MasterState:
    """Keys and records of the master. ``old_keys`` are still taken, and sign no more.

    ``revoked`` are the identities that nothing is taken from; ``clock`` is the master's.
    """

    domain: str
    clock: float
    issuer: str
    old_keys: tuple[str, ...]
    sessions_to_drop: bool
    issued: tuple[Issued, ...]
    revoked: frozenset[str]

    def node_of(self, identity: str) -> str:
        """The node that an identity is."""
        return identity.removesuffix(f"@{self.domain}")


def ask_master(engine: Engine, pool: str, *command: str) -> Any:
    """Run ``roost-node tokens …`` on the master. Raises RoostError with its words."""
    master = get_node(engine, pool, MASTER_NODE)
    return ask_node(engine, master.name, ["tokens", *command])


def parse_state(told: Any, pool: str) -> MasterState:
    """From the answer of a master. Raises RoostError for one of another version of Roost."""
    try:
        return MasterState(
            domain=str(told["domain"]),
            clock=float(told["clock"]),
            issuer=str(told["issuer"]),
            old_keys=tuple(map(str, told["old_keys"])),
            sessions_to_drop=bool(told["sessions_to_drop"]),
            issued=tuple(Issued(**one) for one in told["issued"]),
            revoked=frozenset(one["identity"] for one in told["revoked"] if one["denied"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RoostError(
            f"the master tells of its keys in a way that is not understood ({error!r})",
            hint=f"it is of another version of Roost; `{command_line('up', pool)}` makes it anew",
        ) from None


def get_state(engine: Engine, pool: str) -> MasterState:
    """What the master says now."""
    return parse_state(ask_master(engine, pool, "list"), pool)


def token_holders(engine: Engine, pool: str) -> list[Container]:
    """Containers of the nodes that have a token: all but the master's, by name."""
    found = (c for c in get_pool(engine, pool) if role_of(c) in (Role.SUBMIT, Role.EXECUTE))
    return sorted(found, key=lambda container: container.name)


def running(containers: Sequence[Container]) -> list[Container]:
    """Those that can be asked."""
    return [one for one in containers if one.state is ContainerState.RUNNING]


def node_name(container: Container) -> str:
    """The node's name in the pool."""
    return container.labels.get(contract.LABEL_NODE, container.name)
