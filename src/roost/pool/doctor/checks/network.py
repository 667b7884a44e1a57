"""The one path that every node needs: to the master's collector."""

from __future__ import annotations

from collections.abc import Iterator

from roost.nodefacts import Reach, Road
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.facts import Facts, NodeSeen
from roost.pool.doctor.finding import Finding

_CAUSES = {
    Reach.UNRESOLVED: Cause.NAME_UNRESOLVED,
    Reach.NO_ROUTE: Cause.NO_ROUTE,
    Reach.REFUSED: Cause.PORT_BLOCKED,
    Reach.SILENT: Cause.PORT_BLOCKED,
}


def check_roads(facts: Facts) -> Iterator[Finding]:
    """Every node reaches the collector. Where there is none, that is told of the master instead."""
    if not facts.collector_lives:
        return
    for node, told in facts.answering:
        road = told.road
        if road is not None and road.reach in _CAUSES:
            cut_off = (
                "" if node.container.address else "; its container has no address in a network"
            )
            yield Finding(
                _CAUSES[road.reach],
                seen=f"{road.address}: {road.detail}{cut_off}",
                mend=_mend(facts, node, road),
                nodes=(node.name,),
            )


def _mend(facts: Facts, node: NodeSeen, road: Road) -> str:
    container, engine = node.container.name, facts.engine.name
    if not node.container.address:
        return f"`{engine} network connect {facts.pool}-net {container}`"
    if road.reach is Reach.UNRESOLVED:
        return f"correct MASTER, or connect {container} to the pool's network"
    if road.reach is Reach.NO_ROUTE:
        return f"see its routes: {facts.inside(node.name, 'cat /proc/net/route')}"
    if facts.away:  # whether it runs is not known here, and it sees this host, not the container
        return f"see that the master runs there, and let TCP from {facts.engine.host} through to it"
    port = road.address.rpartition(":")[2]
    return f"let TCP from {node.container.address} through to port {port} of the master"
