"""``scale``: the pool as it was made, with another number of executors."""

from __future__ import annotations

from roost import contract
from roost.engines.protocol import Engine
from roost.errors import NotFoundError, RoostError
from roost.plan import PoolPlan, PoolRecord, container_name, plan_pool, read_record
from roost.plan.names import MASTER_NODE
from roost.pool.nodes import get_pool, is_joined, read_file
from roost.spec import overlay


def find_record(engine: Engine, pool: str) -> PoolRecord | None:
    """What a pool that is there was made as; None without a pool or a record that can be read."""
    data = read_file(engine, container_name(pool, MASTER_NODE), contract.POOL_RECORD)
    record = read_record(data) if data else None
    return record if record and record.spec.name == pool else None


def plan_scaled(engine: Engine, pool: str, executors: int) -> PoolPlan:
    """The plan of the pool that is there, with ``executors`` executors of the images it was made of,
    so that nothing is built and no node that stays is touched.

    Raises NotFoundError that names the pools there are, or for a pool whose master is on another host, and
    UsageError for an absurd number.
    """
    if all(map(is_joined, get_pool(engine, pool))):
        raise NotFoundError(
            f"the master of pool {pool} is on another host: the nodes here have joined it",
            hint="scale it there",
        )
    record = find_record(engine, pool)
    if record is None:
        raise RoostError(
            f"pool {pool} does not tell what it was made as, so it cannot be scaled",
            hint=f"say all of it again: roost up --pool {pool} -n {executors} …",
        )
    return plan_pool(overlay(record.spec, executors=executors), record.images)
