"""Jobs: their output on our own standard output and error, byte for byte, and themselves as data."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from roost.cli.output.progress import Progress
from roost.condor.jobs import JobInfo
from roost.engines.protocol import StreamName


def job_to_json(job: JobInfo) -> dict[str, Any]:
    """A job as data for ``json.dumps``; times are seconds of the epoch."""
    return {"id": job.id, **asdict(job)}


class JobOutput:
    """Takes pieces of output as they come: stream, process, bytes.

    With ``prefix`` whole lines are written, each after the number of its process.
    """

    def __init__(self, progress: Progress, *, prefix: bool) -> None:
        self._progress = progress
        self._prefix = prefix
        self._rests: dict[tuple[StreamName, int], bytes] = {}

    def __call__(self, stream: StreamName, process: int, data: bytes) -> None:
        """Write one piece."""
        if not self._prefix:
            self._write(stream, data)
            return
        *lines, rest = (self._rests.pop((stream, process), b"") + data).split(b"\n")
        if rest:
            self._rests[stream, process] = rest
        if lines:
            self._write(stream, b"".join(b"%d| %s\n" % (process, line) for line in lines))

    def finish(self) -> None:
        """Write the lines that never ended."""
        for (stream, process), rest in sorted(self._rests.items()):
            self._write(stream, b"%d| %s\n" % (process, rest))
        self._rests.clear()

    def _write(self, stream: StreamName, data: bytes) -> None:
        file = sys.stdout if stream is StreamName.STDOUT else sys.stderr
        if file.isatty():
            self._progress.make_way()
        out: BinaryIO = file.buffer
        out.write(data)
        out.flush()
