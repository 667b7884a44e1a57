"""Nodes on an engine in memory, and what they say."""

from __future__ import annotations

from collections.abc import Iterable

from roost import contract
from roost.contract import Role
from roost.engines.fake import FakeEngine
from roost.engines.protocol import ContainerSpec
from roost.logline import Level, LogRecord, Position

FILE = "5f0c2a91"


def make_engine(*nodes: str, pool: str = "lab") -> FakeEngine:
    """The nodes run, and have said nothing."""
    engine = FakeEngine(images={"image": {}})
    engine.ensure_network("net", {})
    for node in nodes:
        add_node(engine, node, pool)
    return engine


def add_node(engine: FakeEngine, node: str, pool: str = "lab") -> None:
    labels = {
        contract.LABEL_POOL: pool,
        contract.LABEL_NODE: node,
        contract.LABEL_ROLE: node.partition("-")[0],
    }
    assert labels[contract.LABEL_ROLE] in [role.value for role in Role]
    engine.ensure_container(ContainerSpec(f"{pool}-{node}", "image", node, "net", labels))
    engine.start(f"{pool}-{node}")


def record(
    second: float,
    message: str,
    node: str = "master",
    *,
    daemon: str = "SCHEDD",
    level: Level = Level.INFO,
    slot: str | None = None,
    job: str | None = None,
    at: int | None = None,
    file: str = FILE,
    continues: bool = False,
) -> LogRecord:
    """A record of the minute 12:00 of a day in May."""
    time = f"2026-05-01T12:00:{second:06.3f}Z"
    position = None if at is None else Position(file, at, continues)
    return LogRecord(time, node, daemon, level, message, slot, job, position)


def say(engine: FakeEngine, *records: LogRecord, pool: str = "lab") -> None:
    """Let the nodes of the records print them, in this order."""
    for one in records:
        engine.say(f"{pool}-{one.node}", one.render())


def messages(records: Iterable[LogRecord]) -> list[str]:
    return [one.message for one in records]
