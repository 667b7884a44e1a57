"""Which pools there are on an engine, told by labels alone."""

from __future__ import annotations

from dataclasses import dataclass

from roost import contract
from roost.contract import Role
from roost.engines.protocol import ContainerState, Engine
from roost.pool.nodes import find_pools, role_of


@dataclass(frozen=True)
class PoolSummary:
    """A pool in numbers. Without nodes it is data that was kept when the pool went down."""

    name: str
    nodes: int
    running: int
    executors: int
    volumes: int

    def to_json(self) -> dict[str, object]:
        """The summary as data for ``json.dumps``; these keys stay."""
        return {
            "pool": self.name,
            "nodes": self.nodes,
            "running": self.running,
            "executors": self.executors,
            "volumes": self.volumes,
        }


def list_pools(engine: Engine) -> list[PoolSummary]:
    """All pools on the engine, by name, those with kept data alone included."""
    pools = find_pools(engine)
    volumes: dict[str, int] = {}
    for volume in engine.list_volumes({contract.LABEL_POOL: None}):
        pool = volume.labels[contract.LABEL_POOL]
        volumes[pool] = volumes.get(pool, 0) + 1
    return [
        PoolSummary(
            name=name,
            nodes=len(containers := pools.get(name, [])),
            running=sum(c.state is ContainerState.RUNNING for c in containers),
            executors=sum(role_of(c) is Role.EXECUTE for c in containers),
            volumes=volumes.get(name, 0),
        )
        for name in sorted({*pools, *volumes})
    ]
