"""The pool: what a user asks of it, as readable recipes of small steps.

``up`` makes a pool what it should be, ``down`` takes it away, ``status`` looks at it, ``jobs`` puts work
through it. :class:`Pool` offers all of that as one object.
"""

from roost.pool.api import Pool
from roost.pool.down import DownResult
from roost.pool.status import NodeState, NodeStatus, PoolStatus
from roost.pool.up import UpResult

__all__ = ["DownResult", "NodeState", "NodeStatus", "Pool", "PoolStatus", "UpResult"]
