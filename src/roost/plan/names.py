"""Names and labels of everything that a pool is made of.

No two pools can meet in a name: the part after ``<pool>-`` is one of a few fixed words.
"""

from __future__ import annotations

import re

from roost import contract
from roost.contract import Role

MASTER_NODE = Role.MASTER.value
SUBMIT_NODE = Role.SUBMIT.value

_EXECUTOR = re.compile(r"execute-([1-9][0-9]*)")


def executor_name(number: int) -> str:
    """Name in the pool of the executor with that number, counted from 1."""
    return f"{Role.EXECUTE}-{number}"


def executor_number(node: str) -> int | None:
    """The number of an executor by its name in the pool; None for any other node."""
    match = _EXECUTOR.fullmatch(node)
    return int(match[1]) if match else None


def container_name(pool: str, node: str) -> str:
    """Name of a node's container, of its volume, and of its host in the pool's network."""
    return f"{pool}-{node}"


def network_name(pool: str) -> str:
    """Name of the network that the pool's containers share."""
    return f"{pool}-net"


def pool_labels(pool: str) -> dict[str, str]:
    """Labels of the pool's network, and what finds everything that belongs to the pool."""
    return {contract.LABEL_POOL: pool}


def node_labels(pool: str, node: str, role: Role) -> dict[str, str]:
    """Labels of a node's volume, and, beside its digest, of its container."""
    return {
        contract.LABEL_POOL: pool,
        contract.LABEL_ROLE: role.value,
        contract.LABEL_NODE: node,
    }
