"""Notices that somebody asks for a token, for next to nothing.

The collector says nothing of a request for a token, and asking it each second would cost 3 % of a core. But
it logs every command that it denies. So a node that has asked for a token rings: it tries what it may not
(:mod:`roost.node.joining.request`), and the master's health process reads what the log has got since it last
looked.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from roost import contract
from roost.node.logtail import LogTail

_DENIED = b"Command not authorized, done"
_SHORTEST_S, _LONGEST_S = 1.0, 15.0
"""Between two answers: rare rings are answered at once, and a storm of them costs little."""
_QUIET_S = 30.0


class Bell:
    """Looks at the collector's log, and has the door answer when somebody rang."""

    def __init__(
        self,
        log: Path = Path(contract.LOG_DIR, "CollectorLog"),
        answer: Callable[[], subprocess.Popen[bytes]] | None = None,
    ) -> None:
        self._log = LogTail(log)
        self._answer = answer or _start_answer
        self._rang = True  # somebody may have asked before this process was there
        self._running: subprocess.Popen[bytes] | None = None
        self._pause_s = _SHORTEST_S
        self._last = float("-inf")

    def step(self, now: float) -> None:
        """Called every second."""
        if self._running and self._running.poll() is not None:
            self._running = None
        self._rang = self._listen() or self._rang
        if not self._rang or self._running or now - self._last < self._pause_s:
            return
        storm = now - self._last < _QUIET_S
        self._pause_s = min(2 * self._pause_s, _LONGEST_S) if storm else _SHORTEST_S
        self._rang, self._last = False, now
        self._running = self._answer()

    def _listen(self) -> bool:
        """Whether the log has got a denial since the last call."""
        return _DENIED in self._log.read()


def _start_answer() -> subprocess.Popen[bytes]:
    return subprocess.Popen([contract.NODE_PROGRAM, "door"], stdin=subprocess.DEVNULL)
