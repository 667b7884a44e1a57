"""One line on the container's output for each thing worth knowing, and the error that stops a node."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from roost import contract
from roost.contract import Role
from roost.logline import ROOST, Level, LogFormat, LogRecord

_MAX_CHARACTERS = 1000
"""Of a message, which is made for people: a line always fits :data:`roost.logline.MAX_LINE_BYTES`."""


class NodeError(Exception):
    """A wrong or missing input: the node stops with this one line and a non-zero exit code."""


def say(
    message: str,
    *,
    level: Level = Level.INFO,
    daemon: str = ROOST,
    output: TextIO | None = None,
) -> None:
    """Print one line of log, as :mod:`roost.logline` has it, to ``output`` or standard output."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    node = own_name(os.environ, os.uname().nodename)
    one_line = " ".join(message.split())[:_MAX_CHARACTERS]
    record = LogRecord(now, node, daemon, level, one_line)
    output = output or sys.stdout
    output.write(record.render(log_format(os.environ)) + "\n")
    output.flush()


def own_name(environ: Mapping[str, str], hostname: str) -> str:
    """What this node calls itself, also where its settings are wrong, which is told elsewhere."""
    name = environ.get(contract.ENV_NODE) or hostname.lower()
    role = environ.get(contract.ENV_ROLE, "")
    return contract.named_for_role(Role(role), name) if role in set(Role) else name


def log_format(environ: Mapping[str, str]) -> LogFormat:
    """How this node writes its log; text where the setting is wrong, which is told elsewhere."""
    wanted = environ.get(contract.ENV_LOG_FORMAT)
    return LogFormat.JSON if wanted == LogFormat.JSON else LogFormat.TEXT
