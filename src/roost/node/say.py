"""One line on the container's output for each thing worth knowing, and the error that stops a node."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from roost import contract


class NodeError(Exception):
    """A wrong or missing input: the node stops with this one line and a non-zero exit code."""


def say(message: str, *, level: str = "INFO") -> None:
    """Print one line: time in UTC to the millisecond, node, program, level, message."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    node = os.environ.get(contract.ENV_NODE) or os.uname().nodename
    one_line = " ".join(message.split())
    sys.stdout.write(f"{now} {node} roost {level} {one_line}\n")
    sys.stdout.flush()
