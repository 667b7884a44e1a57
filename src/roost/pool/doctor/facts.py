"""Everything that the checks look at: gathered once, frozen, and the same however a check is tested."""

from __future__ import annotations

from dataclasses import dataclass

from roost.commandline import command_line
from roost.contract import Role
from roost.engines.protocol import Container, EngineInfo
from roost.nodefacts import Daemon, JobFacts, NodeFacts, PoolFacts


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
    def collector_lives(self) -> bool:
        """Whether there is somebody for the others to reach."""
        collector = self.master.daemons.get("COLLECTOR") if self.master else None
        return bool(collector and collector.alive)

    def roost(self, command: str) -> str:
        """A command line that means this pool."""
        return f"`{command_line(command, self.pool)}`"

    def inside(self, node: str, command: str) -> str:
        """A command line that runs a command inside a node."""
        return self.roost(f"exec {node} -- {command}")

    def made_anew(self, container: str) -> str:
        """The command line that starts a node afresh, with a new token."""
        return f"`{self.engine.name} stop {container} && {command_line('up', self.pool)}`"
