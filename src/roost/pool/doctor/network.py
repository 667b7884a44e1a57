"""``doctor --network``: can every node talk to every node that it must talk to?

Each node of this engine is asked to look (``roost-node network``), all at once. Ways that begin at nodes of
other hosts cannot be measured from here; the report says which those are.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from roost import contract
from roost.commandline import command_line
from roost.contract import Role
from roost.engines.protocol import Container, ContainerState, Engine
from roost.errors import RoostError
from roost.events import Reporter, step
from roost.pathfacts import NetworkFacts, Path, Peer
from roost.pathverdict import Problem, find_problems
from roost.pool.doctor.gather import UnknownQuestionError, ask
from roost.pool.nodes import get_pool, is_joined, role_of

NODE_TIMEOUT_S = 40.0
"""More than a node takes for itself: it gives up on ways that take longer."""
_WORKERS = 16


@dataclass(frozen=True)
class NetworkReport:
    """The ways from the nodes of this engine, and what there is to say of them."""

    pool: str
    engine: str
    paths: tuple[Path, ...]
    problems: tuple[Problem, ...]
    unmeasured: tuple[tuple[str, str], ...] = ()
    """Nodes of this engine whose ways are not known, or not all of them, and why."""
    elsewhere: tuple[Peer, ...] = ()
    """Nodes of other hosts: ways to them are measured, ways from them are not."""

    @property
    def healthy(self) -> bool:
        """Every way from here that jobs need serves."""
        return not self.unmeasured and not any(one.failure for one in self.problems)

    def to_json(self) -> dict[str, Any]:
        """The report as data for ``json.dumps``; these keys stay."""
        return {
            "pool": self.pool,
            "engine": self.engine,
            "healthy": self.healthy,
            "paths": [asdict(path) for path in self.paths],
            "problems": [asdict(problem) for problem in self.problems],
            "unmeasured": [{"node": node, "why": why} for node, why in self.unmeasured],
            "elsewhere": [asdict(peer) for peer in self.elsewhere],
        }


def look_at_network(engine: Engine, pool: str, report: Reporter) -> NetworkReport:
    """All ways that begin here. Raises NotFoundError that names the pools there are."""
    containers = [one for one in get_pool(engine, pool) if role_of(one)]
    with step(report, "network", f"of pool {pool}") as tell:
        with ThreadPoolExecutor(_WORKERS) as threads:
            told = dict(
                zip(
                    map(_name, containers),
                    threads.map(lambda one: _ask(engine, pool, one), containers),
                    strict=True,
                )
            )
        made = conclude(engine.name, pool, told)
        tell(f"of pool {pool}: {len(made.paths)} ways")
    return made


def conclude(engine: str, pool: str, told: dict[str, NetworkFacts | str]) -> NetworkReport:
    """The report, from what each node here told, or why it did not. Pure."""
    facts = sorted(
        (one for one in told.values() if isinstance(one, NetworkFacts)),
        key=lambda one: (list(Role).index(Role(one.role)), len(one.node), one.node),
    )
    paths = tuple(path for one in facts for path in one.paths)
    peers = {peer.name: peer for one in facts for peer in one.peers}
    return NetworkReport(
        pool,
        engine,
        paths,
        find_problems(paths),
        tuple(_unmeasured(told)),
        tuple(peer for name, peer in sorted(peers.items()) if name not in told),
    )


def _unmeasured(told: dict[str, NetworkFacts | str]) -> Iterable[tuple[str, str]]:
    for node, one in told.items():
        if isinstance(one, str):
            yield node, one
            continue
        if one.error:
            yield node, f"the master did not tell it of other nodes: {one.error}"
        if one.unmeasured:
            yield node, f"there was no time for {', '.join(one.unmeasured)}"


def _ask(engine: Engine, pool: str, container: Container) -> NetworkFacts | str:
    if container.state is not ContainerState.RUNNING:
        return f"its container is {container.state}"
    try:
        return ask(engine, container, NetworkFacts, "network", "--json", timeout_s=NODE_TIMEOUT_S)
    except UnknownQuestionError:
        if is_joined(container):
            return "it is of another Roost; remove it, and let it join again"
        return f"it is of another Roost; `{command_line('up', pool)}` replaces it"
    except RoostError as error:
        return f"it does not answer: {error.message}"


def _name(container: Container) -> str:
    return container.labels.get(contract.LABEL_NODE, container.name)
