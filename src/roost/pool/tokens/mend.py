"""What ``up`` does about tokens of a pool that is there."""

from __future__ import annotations

from roost import contract
from roost.commandline import command_line
from roost.engines.protocol import Engine
from roost.errors import RoostError
from roost.events import Reporter
from roost.plan.model import PoolPlan
from roost.pool.tokens.rotate import rotate_key
from roost.pool.tokens.state import get_state


def mend_tokens(engine: Engine, plan: PoolPlan, report: Reporter) -> None:
    """Finish a rotation that was interrupted. Raises RoostError for a node of the plan that is revoked:
    what an operator has shut out does not come back by an ``up``."""
    state = get_state(engine, plan.pool)
    revoked = [
        node.name
        for node in plan.nodes
        if contract.node_identity(node.name, plan.pool) in state.revoked
    ]
    if revoked:
        raise RoostError(
            f"{', '.join(revoked)} of pool {plan.pool} is revoked",
            hint="let it in again with "
            f"`{command_line(f'token revoke --undo {revoked[0]}', plan.pool)}`, "
            "or give the pool fewer executors",
        )
    if state.old_keys or state.sessions_to_drop:
        rotate_key(engine, plan.pool, report)
