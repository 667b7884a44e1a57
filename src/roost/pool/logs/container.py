"""The log of one container, and how far it was read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from roost.engines.protocol import Container, Engine, LineStream
from roost.errors import EngineError
from roost.pool.logs.query import node_of


class Line(NamedTuple):
    """A line as the engine has it: ``stamp`` is when it arrived there (RFC 3339, UTC)."""

    node: str
    stamp: str
    text: str


class ContainerLog:
    """Read it again, and only what is new comes.

    The place where reading stopped is the stamp of the last line and the number of lines with that
    stamp: stamps alone do not tell lines apart, least of all Podman's (4.3), which are whole seconds.
    """

    def __init__(self, engine: Engine, container: Container) -> None:
        self.container = container
        self.node = node_of(container)
        self.count = 0
        self.first_stamp = ""
        self._engine = engine
        self._stamp = ""
        self._same = 0
        self._open: LineStream | None = None

    def lines(
        self, *, follow: bool = False, tail: int | None = None, since: int | None = None
    ) -> Iterator[Line]:
        """The lines after those that were read, oldest first; parameters as of the engine."""
        read_stamp, read_same = self._stamp, self._same
        if read_stamp:
            since = max(since or 0, int(seconds(read_stamp)))
        with closing(self._reading(follow, tail, since)) as stream:
            self._open = stream
            for raw in stream:
                stamp, _, text = raw.decode(errors="replace").partition(" ")
                if stamp < read_stamp:
                    continue
                if stamp == read_stamp and read_same:
                    read_same -= 1
                    continue
                self._same = self._same + 1 if stamp == self._stamp else 1
                self._stamp = stamp
                self.first_stamp = self.first_stamp or stamp
                self.count += 1
                yield Line(self.node, stamp, text)

    def _reading(self, follow: bool, tail: int | None, since: int | None) -> LineStream:
        """By id: another container may have the name by now."""
        try:
            return self._engine.logs(self.container.id, follow=follow, tail=tail, since=since)
        except EngineError as error:
            message = error.message.replace(self.container.id, self.container.name)
            raise type(error)(message, hint=error.hint) from error

    def close(self) -> None:
        """End a reader in another thread."""
        if self._open is not None:
            self._open.close()


def seconds(stamp: str) -> float:
    """A stamp in seconds of the epoch; 0 for what is none."""
    try:
        return datetime.fromisoformat(f"{stamp[:26]}+00:00").timestamp()
    except ValueError:
        return 0.0
