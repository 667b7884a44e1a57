"""The log of one container, and how far it was read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from roost.engines.protocol import Container, Engine, LineStream
from roost.errors import EngineError
from roost.pool.logs.query import node_of

WHOLE_SECOND = ".000000000Z"
"""The end of a stamp by an engine that knows no better."""
_BEHIND_S = 0.5
"""A follower this far behind the container reads on otherwise."""


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
        self._least_lag_s = float("inf")
        self._open: LineStream | None = None

    def lines(self, *, tail: int | None = None, since: int | None = None) -> Iterator[Line]:
        """The lines after those that were read, oldest first; parameters as of the engine."""
        return self._read(follow=False, tail=tail, since=since)

    def following(self) -> Iterator[Line]:
        """The lines after those that were read, and those to come, until the container ends.

        Docker (20.10) loses lines when it rotates its files under a follower that is not at their end,
        though it still has them: one that is behind reads what there is first, and then follows again.
        """
        behind = True
        while behind:
            behind = False
            for line in self._read(follow=True):
                yield line
                if behind := self._is_behind(line.stamp):
                    break
            yield from self._read(follow=False)

    def close(self) -> None:
        """End a reader in another thread."""
        if self._open is not None:
            self._open.close()

    def _read(
        self, *, follow: bool, tail: int | None = None, since: int | None = None
    ) -> Iterator[Line]:
        read_stamp, read_same = self._stamp, self._same
        if read_stamp:
            since = max(since or 0, int(seconds(read_stamp)))
        with closing(self._stream(follow, tail, since)) as stream:
            self._open = stream
            for raw in stream:
                stamp, _, text = raw.decode(errors="replace").partition(" ")
                if stamp < read_stamp:
                    continue
                if stamp == read_stamp and read_same:
                    read_same -= 1
                    continue
                self._keep_place(stamp)
                yield Line(self.node, stamp, text)

    def _stream(self, follow: bool, tail: int | None, since: int | None) -> LineStream:
        """By id: another container may have the name by now."""
        try:
            return self._engine.logs(self.container.id, follow=follow, tail=tail, since=since)
        except EngineError as error:
            message = error.message.replace(self.container.id, self.container.name)
            raise type(error)(message, hint=error.hint) from error

    def _keep_place(self, stamp: str) -> None:
        self.count += 1
        self.first_stamp = self.first_stamp or stamp
        if stamp > self._stamp:
            self._stamp, self._same = stamp, 1
        elif stamp == self._stamp:
            self._same += 1

    def _is_behind(self, stamp: str) -> bool:
        """By the least lag that was seen: the engine's clock may be another than this host's. Whole
        seconds (Podman's) do not tell."""
        if stamp.endswith(WHOLE_SECOND):
            return False
        lag_s = time.time() - seconds(stamp)
        self._least_lag_s = min(self._least_lag_s, lag_s)
        return lag_s - self._least_lag_s > _BEHIND_S


def seconds(stamp: str) -> float:
    """A stamp in seconds of the epoch; 0 for what is none."""
    try:
        return datetime.fromisoformat(f"{stamp[:26]}+00:00").timestamp()
    except ValueError:
        return 0.0
