"""Questions to a node and to the engine, whose answers are lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

from roost.engines.protocol import Container, ContainerState, Engine, StreamName
from roost.errors import RoostError

Lines = Callable[[], Iterator[str]]
"""Asks when it is called. Raises RoostError for what cannot answer, also after some lines."""

_PATIENCE_S = 60
"""A daemon that hangs must not hang the export."""
_TIMED_OUT = 124


def of_node(engine: Engine, container: Container, argv: Sequence[str]) -> Lines:
    """What a command in the node prints."""

    def lines() -> Iterator[str]:
        if container.state is not ContainerState.RUNNING:
            raise RoostError(f"{container.name} is not running: it is {container.state}")
        command = ["timeout", "--kill-after=5", str(_PATIENCE_S), *argv]
        complaints = b""
        rest = b""
        with closing(engine.exec_stream(container.name, command)) as stream:
            for name, data in stream:
                if name is StreamName.STDERR:
                    complaints = (complaints + data)[-2000:]
                    continue
                *whole, rest = (rest + data).split(b"\n")
                yield from (line.decode(errors="replace") for line in whole)
            if rest:
                yield rest.decode(errors="replace")
            _check(stream.exit_code, argv, complaints)

    return lines


def _check(exit_code: int, argv: Sequence[str], complaints: bytes) -> None:
    if exit_code == _TIMED_OUT:
        raise RoostError(f"`{' '.join(argv)}` did not end within {_PATIENCE_S} s")
    if exit_code:
        said = " ".join(complaints.decode(errors="replace").split())
        raise RoostError(f"`{' '.join(argv)}` ended with {exit_code}: {said or 'no word'}")


def of_log(engine: Engine, container: Container, since: float | None) -> Lines:
    """What the engine keeps of the node's output, each line after the time of its arrival."""

    def lines() -> Iterator[str]:
        first = None if since is None else int(since)
        with closing(engine.logs(container.name, since=first)) as stream:
            for line in stream:
                yield line.decode(errors="replace")

    return lines


def as_json(ask: Callable[[], Any]) -> Lines:
    """Data, indented for people."""

    def lines() -> Iterator[str]:
        yield from json.dumps(ask(), indent=2, default=str).split("\n")

    return lines
