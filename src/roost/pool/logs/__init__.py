"""``logs``: what the nodes of a pool say, merged in time.

A line comes from a container (``container``), becomes a record (``records``), passes the filter (``query``),
waits for those that belong before it (``window``) and is merged with those of other nodes (``read``,
``past``, ``follow``).
"""

from roost.pool.logs.query import LogQuery, make_query
from roost.pool.logs.read import read_logs

__all__ = ["LogQuery", "make_query", "read_logs"]
