"""The plan of a pool: everything an engine needs, and nothing that is looked up later."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from roost import contract
from roost.contract import Role
from roost.engines.protocol import ContainerSpec, File
from roost.plan.names import node_labels, pool_labels


@dataclass(frozen=True)
class NodePlan:
    """One node: its container, the volume that keeps its state, and the files to put there.

    ``files`` go below :data:`roost.contract.STATE_DIR`, after the container is created and before
    each start of ours, with the node's credential, which is never part of a plan.
    """

    name: str
    """In the pool: ``master``, ``submit``, ``execute-1``."""
    role: Role
    container: ContainerSpec
    volume: str
    files: tuple[File, ...]

    @property
    def digest(self) -> str:
        """Digest of everything that makes the node; it differs exactly when the node has to."""
        return self.container.labels[contract.LABEL_DIGEST]

    @property
    def volume_labels(self) -> dict[str, str]:
        """Labels of the volume. No digest: the volume outlives every change of the plan."""
        return node_labels(self.container.labels[contract.LABEL_POOL], self.name, self.role)


@dataclass(frozen=True)
class PoolPlan:
    """A whole pool. ``nodes`` are in the order in which they are worth starting."""

    pool: str
    network: str
    nodes: tuple[NodePlan, ...]
    record: File
    """What the pool is made as, for the master's volume. No part of any node's digest."""

    @property
    def labels(self) -> dict[str, str]:
        """Labels of the pool's network."""
        return pool_labels(self.pool)

    @property
    def master(self) -> NodePlan:
        """The node that all others join."""
        return self._only(Role.MASTER)

    @property
    def submit(self) -> NodePlan:
        """The node that holds the queue."""
        return self._only(Role.SUBMIT)

    def _only(self, role: Role) -> NodePlan:
        return next(node for node in self.nodes if node.role is role)

    def to_json(self) -> dict[str, object]:
        """The plan as data for ``json.dumps``; equal plans give equal data."""
        return {
            "pool": self.pool,
            "network": {"name": self.network, "labels": self.labels},
            "nodes": [_node_to_json(node) for node in self.nodes],
        }


def _node_to_json(node: NodePlan) -> dict[str, object]:
    return {
        "name": node.name,
        "role": node.role.value,
        "volume": {"name": node.volume, "labels": node.volume_labels},
        "container": container_to_json(node.container),
        "files": [file_to_json(file) for file in node.files],
    }


def container_to_json(spec: ContainerSpec) -> dict[str, object]:
    """A container as plain data, with sorted labels and environment."""
    plain = dataclasses.asdict(spec)
    plain["labels"] = dict(sorted(spec.labels.items()))
    plain["environment"] = dict(sorted(spec.environment.items()))
    return plain


def file_to_json(file: File) -> dict[str, object]:
    """A file of a plan as plain data. Plans hold texts, never paths that could change meanwhile."""
    text = file.data.decode() if isinstance(file.data, bytes) else None
    return {
        "path": file.path,
        "text": text,
        "mode": f"{file.mode:04o}",
        "uid": file.uid,
        "gid": file.gid,
    }
