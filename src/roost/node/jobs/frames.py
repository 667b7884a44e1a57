"""Telling the host: JSON lines on standard output, then at most one tar."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any, BinaryIO

from roost.contract import JobFrame


class Teller:
    """Writes frames, each flushed as it comes."""

    def __init__(self, output: BinaryIO | None = None) -> None:
        self.binary = output or sys.stdout.buffer

    def tell(self, kind: JobFrame, **values: Any) -> None:
        """One line. Text that is not UTF-8 keeps its bytes through ``surrogateescape``."""
        self.binary.write(json.dumps({"kind": kind.value, **values}).encode("ascii") + b"\n")
        self.binary.flush()

    def tell_output(self, process: int, stream: str, data: bytes) -> None:
        """A piece of what a process wrote."""
        encoded = base64.b64encode(data).decode("ascii")
        self.tell(JobFrame.OUTPUT, process=process, stream=stream, data=encoded)
