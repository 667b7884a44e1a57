"""What goes into a support archive, in the order in which it stands there."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roost.contract import Role
from roost.engines.protocol import Container, Engine
from roost.events import silent
from roost.pool.doctor import diagnose
from roost.pool.logs.query import node_of
from roost.pool.nodes import role_of
from roost.pool.status import look
from roost.pool.support.ask import Lines, as_json, of_log, of_node
from roost.version import __version__

_HISTORY = "100"
"""Jobs that have left the queue: the latest so many."""
_VERSIONS = "condor_version; uname -srm; cat /etc/debian_version"


@dataclass(frozen=True)
class Item:
    """A file of the archive: its path there, what it is, and where it comes from."""

    path: str
    meaning: str
    lines: Lines


def plan_items(
    engine: Engine, pool: str, containers: Sequence[Container], since: float | None
) -> list[Item]:
    """Small things first, since they fail first; the logs last."""
    return [
        *_of_pool(engine, pool),
        *(item for one in containers for item in _of_node(engine, one)),
        *(item for one in containers for item in _ads(engine, one)),
        *(Item(f"logs/{node_of(one)}.log", _LOG, of_log(engine, one, since)) for one in containers),
    ]


_LOG = "what the engine keeps of the node's log; each line after the time at which it arrived"


def _of_pool(engine: Engine, pool: str) -> Iterator[Item]:
    yield Item(
        "status.json", "`roost status --json`", as_json(lambda: look(engine, pool).to_json())
    )
    yield Item(
        "doctor.json",
        "`roost doctor --json`",
        as_json(lambda: diagnose(lambda: engine, pool, silent).to_json()),
    )
    yield Item("versions.json", "of Roost and of what it runs on", as_json(lambda: _host(engine)))
    yield Item(
        "engine/info.json",
        "what the engine says of itself",
        as_json(lambda: dataclasses.asdict(engine.info())),
    )


def _of_node(engine: Engine, container: Container) -> Iterator[Item]:
    node = node_of(container)
    yield Item(
        f"engine/{node}.json",
        "what the engine knows of the node's container",
        as_json(lambda: engine.inspect(container.name)),
    )
    yield Item(
        f"versions/{node}.txt",
        "HTCondor, kernel and Debian of the node",
        of_node(engine, container, ["sh", "-c", _VERSIONS]),
    )
    yield Item(
        f"config/{node}.txt",
        "HTCondor's settings that are not its defaults (`condor_config_val -summary`)",
        of_node(engine, container, ["condor_config_val", "-summary"]),
    )


def _ads(engine: Engine, container: Container) -> Iterator[Item]:
    node = node_of(container)
    commands = {
        Role.MASTER: {
            "collector": ("all ads of the collector", ["condor_status", "-any", "-long"]),
        },
        Role.SUBMIT: {
            "queue": ("the jobs in the queue", ["condor_q", "-allusers", "-long"]),
            "history": (
                f"the latest {_HISTORY} jobs that have left the queue",
                ["condor_history", "-long", "-limit", _HISTORY],
            ),
        },
    }
    role = role_of(container)
    for name, (meaning, argv) in commands.get(role, {}).items() if role else ():
        yield Item(f"ads/{node}-{name}.txt", meaning, of_node(engine, container, argv))


def _host(engine: Engine) -> dict[str, str]:
    info = engine.info()
    return {
        "roost": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "engine": f"{info.name} {info.version}",
    }
