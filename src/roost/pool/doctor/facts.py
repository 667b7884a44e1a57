"""Everything that the checks look at: gathered once, frozen, and the same however a check is tested."""

from __future__ import annotations

from dataclasses import dataclass

from roost import contract
from roost.commandline import command_line
from roost.contract import Role
from roost.engines.protocol import Container, EngineInfo
from roost.nodefacts import Daemon, JobFacts, NodeFacts, PoolFacts
from roost.pool.nodes import is_joined


@dataclass(frozen=True)
class NodeSeen:
    """A node from outside and, where it answers, from inside.

    ``asked`` and ``answered`` are by this host's clock, in seconds of the epoch; ``log`` are the last
    lines of a container that does not run.
    """

    name: str
    role: Role
    container: Container
    log: tuple[str, ...] = ()
    facts: NodeFacts | None = None
    error: str = ""
    """Why it does not answer."""
    outdated: bool = False
    """It answered that it does not know the question."""
    asked: float = 0.0
    answered: float = 0.0

    @property
    def joined(self) -> bool:
        """It came by ``roost join``: no ``up`` makes or starts it, or gives it a token."""
        return is_joined(self.container)

    @property
    def daemons(self) -> dict[str, Daemon]:
        """Those that it has to run, by name; none where that is not known."""
        return {daemon.name: daemon for daemon in self.facts.daemons} if self.facts else {}


@dataclass(frozen=True)
class Facts:
    """A pool at one moment. ``collector`` and ``queue`` are None where nobody was there to ask."""

    pool: str
    engine: EngineInfo
    nodes: tuple[NodeSeen, ...]
    now: float
    collector: PoolFacts | None = None
    queue: JobFacts | None = None

    @property
    def answering(self) -> tuple[tuple[NodeSeen, NodeFacts], ...]:
        """The nodes that tell of themselves."""
        return tuple((node, node.facts) for node in self.nodes if node.facts)

    @property
    def master(self) -> NodeSeen | None:
        """The node that all others join."""
        return next((node for node in self.nodes if node.role is Role.MASTER), None)

    @property
    def away(self) -> bool:
        """Whether the master is on another host, and what is here has joined its pool."""
        return bool(self.nodes) and all(node.joined for node in self.nodes)

    @property
    def collector_lives(self) -> bool:
        """Whether there is somebody for the others to reach, as far as is known here."""
        if self.away:
            return True
        collector = self.master.daemons.get("COLLECTOR") if self.master else None
        return bool(collector and collector.alive)

    def roost(self, command: str) -> str:
        """A command line that means this pool."""
        return f"`{command_line(command, self.pool)}`"

    def inside(self, node: str, command: str) -> str:
        """A command line that runs a command inside a node."""
        if self.away and node == Role.MASTER:  # with an engine of its own
            return f"`roost --pool {self.pool} exec {node} -- {command}` on the host of the master"
        return self.roost(f"exec {node} -- {command}")

    def started(self, node: NodeSeen) -> str:
        """The command line that starts a node which does not run, or which has to read its files anew."""
        if node.joined:
            return f"`{self.engine.name} restart {node.container.name}`"
        return self.roost("up")

    def made_anew(self, node: NodeSeen) -> str:
        """The command line that starts a node afresh, with a new token."""
        engine, container = self.engine.name, node.container.name
        if node.joined:
            remove = f"{engine} rm --force --volumes {container} && {engine} volume rm {container}"
            # There, on an engine of its own; an invite for that name is good for a name that was taken.
            invite = f"roost invite {node.role} --node {node.name} --pool {self.pool}"
            return (
                f"`{remove}` (what it keeps goes with it), then `{command_line('join')}` with a new invite,"
                f" made on the host of the master: `{invite}`"
            )
        return f"`{engine} stop {container} && {command_line('up', self.pool)}`"

    def configured(self, node: NodeSeen, section: str = "") -> str:
        """Where the operator's configuration of a node is changed, and how that takes effect."""
        place = f"under [{section}] in the pool file" if section else "in the pool file"
        if node.joined:
            place = f"in {contract.EXTRA_CONFIG_DIR} of {node.name}"
        return f"{place}, then {self.started(node)}"
