"""Records of the nodes' logs as lines for people."""

from __future__ import annotations

import re

import click

from roost.cli.output.safety import safe
from roost.logline import Level, LogRecord

_NODE_COLORS = ("cyan", "yellow", "green", "magenta", "blue", "bright_cyan", "bright_green")
_LEVEL_COLORS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.DEBUG: "bright_black"}
_PARAMETERS = re.compile(r"(?<=\d)\?[^\s<>]*&[^\s<>]*(?=>)")
"""Of an address as HTCondor writes it: ``<10.0.0.5:9618?addrs=10.0.0.5-9618&sock=startd_9>``."""
_FURTHER = "\n    "
_DAEMON_WIDTH = len("NEGOTIATOR")


class LineWriter:
    """Writes records as lines: time in UTC, node, daemon, slot and job, level if it is not INFO, message.

    Nodes get colors and widths as they come, and addresses are short. What all lines have in common,
    a ``node`` or a ``job``, is left out.
    """

    def __init__(self, *, node: bool = True, job: bool = True) -> None:
        self._with_node = node
        self._with_job = job
        self._colors: dict[str, str] = {}
        self._width = len("execute-1")

    def __call__(self, record: LogRecord) -> str:
        """The line, or, of an event of several lines, the lines: the further ones are indented."""
        words = [f"{record.time[5:10]} {record.time[11:23]}"]
        if self._with_node:
            words.append(self._node(record.node))
        words.append(safe(record.daemon).ljust(_DAEMON_WIDTH))
        about = [record.slot, record.job if self._with_job else None]
        if any(about):
            words.append(f"[{safe(' '.join(one for one in about if one))}]")
        if record.level is not Level.INFO:
            words.append(click.style(record.level.value, fg=_LEVEL_COLORS[record.level]))
        message = _PARAMETERS.sub("?...", record.message.rstrip("\n"))
        words.append(safe(message).replace("\n", _FURTHER))
        return " ".join(words)

    def _node(self, node: str) -> str:
        color = self._colors.setdefault(node, _NODE_COLORS[len(self._colors) % len(_NODE_COLORS)])
        self._width = max(self._width, len(node))
        return click.style(safe(node).ljust(self._width), fg=color)
