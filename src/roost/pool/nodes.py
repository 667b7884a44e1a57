"""Finding pools and nodes by their labels, and asking the program inside a node."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from roost import contract
from roost.commandline import command_line
from roost.contract import Role
from roost.engines.protocol import Container, ContainerState, Engine, StreamName
from roost.errors import NotFoundError, RoostError
from roost.logline import LogRecord

_LOG_TAIL_LINES = 5


def find_pools(engine: Engine) -> dict[str, list[Container]]:
    """The containers of every pool on the engine, by the pool's name."""
    pools: dict[str, list[Container]] = {}
    for container in engine.list_containers({contract.LABEL_POOL: None}):
        pools.setdefault(container.labels[contract.LABEL_POOL], []).append(container)
    return pools


def get_pool(engine: Engine, pool: str) -> list[Container]:
    """The containers of one pool. Raises NotFoundError that names the pools there are."""
    containers = engine.list_containers({contract.LABEL_POOL: pool})
    if not containers:
        raise _no_pool(engine, pool)
    return containers


def get_node(engine: Engine, pool: str, node: str) -> Container:
    """The running container of a node. Raises NotFoundError that names what there is instead."""
    containers = get_pool(engine, pool)
    for container in containers:
        if node in (container.labels.get(contract.LABEL_NODE), container.name):
            if container.state is not ContainerState.RUNNING:
                raise NotFoundError(
                    f"node {node} of pool {pool} is not running: it is {container.state}",
                    hint=_start_hint(engine, pool, node, container),
                )
            return container
    raise no_node(engine, pool, node, containers)


def _start_hint(engine: Engine, pool: str, node: str, container: Container) -> str:
    if container.state is ContainerState.RESTARTING:
        return f"see why: `{command_line(f'logs {node}', pool)}`"
    if is_joined(container):
        verb = "unpause" if container.state is ContainerState.PAUSED else "start"
        return f"start it with `{engine.name} {verb} {container.name}`"
    return f"start it with `{command_line('up', pool)}`"


def no_node(engine: Engine, pool: str, node: str, containers: Sequence[Container]) -> NotFoundError:
    """The error for a node that is not here: it may run on another host, which the master knows."""
    names = ", ".join(c.labels.get(contract.LABEL_NODE, c.name) for c in containers)
    master = next((c for c in containers if role_of(c) is Role.MASTER), None)
    if master and master.state is ContainerState.RUNNING:
        with suppress(RoostError, ValueError):
            places = ask_node(engine, master.name, ["observe"]).get("places", {})
            if node in places and places[node]["joined"]:
                host = places[node]["host"] or "another host"
                return NotFoundError(
                    f"node {node} of pool {pool} runs on {host}: from here it can neither be entered, stopped"
                    " nor removed, and its log not be read",
                    hint=f"do that on {host}, with its container engine or its Roost",
                )
    return NotFoundError(f"pool {pool} has no node {node!r}", hint=f"it has {names}")


def _no_pool(engine: Engine, pool: str) -> NotFoundError:
    others = ", ".join(sorted(find_pools(engine)))
    none = f"there is none yet; make one with `{command_line('up', pool)}`"
    hint = f"there are: {others}" if others else none
    return NotFoundError(f"there is no pool {pool!r} on {engine.name}", hint=hint)


def role_of(container: Container) -> Role | None:
    """The role of a node's container; None for one that carries no role of ours."""
    with suppress(ValueError):
        return Role(container.labels.get(contract.LABEL_ROLE, ""))
    return None


def is_joined(container: Container) -> bool:
    """Whether its node came by ``roost join``, as its name tells: ``up`` does not make it, and where the
    pool's master is on another host, would make another pool."""
    node = container.labels.get(contract.LABEL_NODE)
    return node is not None and not contract.is_given_name(node)


def ask_node(engine: Engine, container: str, command: Sequence[str]) -> Any:
    """Run a command of ``roost-node`` and return the JSON that it prints."""
    asked = engine.exec(container, [contract.NODE_PROGRAM, *command])
    if asked.exit_code:
        raise _node_failure(container, command, asked.stdout + asked.stderr)
    return json.loads(asked.stdout)


def node_json_lines(
    engine: Engine, container: str, command: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Run a command of ``roost-node`` and yield the JSON objects that it prints, line by line.

    The command's exit code is its own affair; lines that are no JSON are its complaints.
    """
    stream = engine.exec_stream(container, [contract.NODE_PROGRAM, *command])
    rest = b""
    complaints = b""
    try:
        for name, data in stream:
            if name is StreamName.STDERR:
                complaints += data
                continue
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line.startswith(b"{"):
                    yield json.loads(line)
                else:
                    complaints += line + b"\n"
    finally:
        stream.close()
    if complaints:
        raise _node_failure(container, command, complaints + rest)


def _node_failure(container: str, command: Sequence[str], output: bytes) -> RoostError:
    said = last_words(output) or "it gave no reason"
    return RoostError(f"`roost-node {command[0]}` failed in {container}: {said}")


def last_words(output: bytes) -> str:
    """What a command of ``roost-node`` said went wrong: the message of its last log line. Pure."""
    lines = output.decode(errors="replace").strip().splitlines() or [""]
    record = LogRecord.parse(lines[-1])
    return record.message if record else lines[-1]


def read_file(engine: Engine, container: str, path: str) -> bytes | None:
    """The content of a file in a container, running or not; None where there is no such file."""
    try:
        archive = b"".join(engine.get_archive(container, path))
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            file = tar.extractfile(tar.next() or "")
            return file.read() if file else None
    except (NotFoundError, tarfile.TarError, KeyError):
        return None


def log_tail(engine: Engine, container: str, lines: int = _LOG_TAIL_LINES) -> str:
    """The last lines of a container's output, as text; empty when it cannot be read."""
    try:
        tail = engine.logs(container, tail=lines)
        return "\n".join(line.decode(errors="replace") for line in tail)
    except RoostError:
        return ""
