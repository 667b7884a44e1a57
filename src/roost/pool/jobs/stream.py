"""What a command of roost-node tells: frames, and the tar that may follow them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, cast

from roost.contract import JobFrame
from roost.engines.api.tarring import ChunkReader
from roost.engines.protocol import ExecStream, StreamName
from roost.errors import RoostError
from roost.pool.nodes import last_words

_COMPLAINT_BYTES = 4000


class FrameStream:
    """The frames of a running command; after the last one, :attr:`archive` if files follow.

    Raises :class:`RoostError` with what the command complained of when it ends with a failure.
    """

    def __init__(self, command: ExecStream, what: str) -> None:
        self._command = command
        self._what = what
        self._complaints = b""
        self._chunks = self._standard_output()
        self._archive: IO[bytes] | None = None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        rest = b""
        for chunk in self._chunks:
            *lines, rest = _split(rest, chunk)
            while lines:
                frame = json.loads(lines.pop(0))
                if frame.get("kind") == JobFrame.FILES:
                    head = b"".join(line + b"\n" for line in lines) + rest
                    self._archive = cast("IO[bytes]", ChunkReader(_with_head(head, self._chunks)))
                    return
                yield frame

    @property
    def archive(self) -> IO[bytes]:
        """The tar. Raises :class:`RoostError` if the command ended without one."""
        if self._archive is None:
            self.finish()
            raise RoostError(f"{self._what} failed: no files came")
        return self._archive

    @property
    def has_archive(self) -> bool:
        """Whether files follow, once the frames are read."""
        return self._archive is not None

    def finish(self) -> None:
        """Read what is left, and raise if the command failed."""
        for _ in self._chunks:
            pass
        code = self._command.exit_code
        if code:
            said = last_words(self._complaints) or f"exit code {code}"
            raise RoostError(f"{self._what} failed: {said}")

    def close(self) -> None:
        """Stop listening."""
        self._command.close()

    def _standard_output(self) -> Iterator[bytes]:
        for stream, data in self._command:
            if stream is StreamName.STDOUT:
                yield data
            else:
                self._complaints = (self._complaints + data)[-_COMPLAINT_BYTES:]


def _split(rest: bytes, chunk: bytes) -> list[bytes]:
    return (rest + chunk).split(b"\n")


def _with_head(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from chunks
