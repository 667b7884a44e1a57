"""From what a pool should be to everything an engine needs for it, as pure and frozen data.

``plan_pool`` makes the plan, ``diff`` compares it with the containers that are there. Nothing here
talks to an engine; ``up --dry-run``, the exporters and the golden tests read the plan.
"""

from roost.plan.build import Away, plan_node, plan_pool
from roost.plan.changes import Changes, diff
from roost.plan.model import NodePlan, PoolPlan
from roost.plan.names import (
    container_name,
    executor_name,
    executor_number,
    network_name,
    node_labels,
    pool_labels,
)
from roost.plan.record import PoolRecord, read_record

__all__ = [
    "Away",
    "Changes",
    "NodePlan",
    "PoolPlan",
    "PoolRecord",
    "container_name",
    "diff",
    "executor_name",
    "executor_number",
    "network_name",
    "node_labels",
    "plan_node",
    "plan_pool",
    "pool_labels",
    "read_record",
]
