"""A master whose name means another address than before: HTCondor has to be told.

HTCondor looks up the name of its collector when it starts and when it is told to read its configuration
again (``DaemonCore::initCollectorList``), and goes on asking the old address in between.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

from roost import contract
from roost.node.say import say
from roost.node.settings import Address, NodeSettings

EVERY_S = 5.0
_TIMEOUT_S = 10.0
_NOTE = Path(contract.RUN_DIR, "master-address")


class MasterAddress:
    """Looks at what the master's name means, and has HTCondor do so where that changed."""

    def __init__(
        self,
        settings: NodeSettings,
        resolve: Callable[[Address], frozenset[str]] | None = None,
        reconfigure: Callable[[], None] | None = None,
        known: frozenset[str] | None = None,
    ) -> None:
        self._master = settings.master
        self._resolve = resolve or _resolve
        self._reconfigure = reconfigure or _reconfigure
        self._known = _noted() if known is None else known
        self._next = float("inf") if settings.master.is_number else 0.0

    def step(self, now: float) -> None:
        """Look, if it is time. A name that means nothing is that of a master that is not there now."""
        if now < self._next:
            return
        self._next = now + EVERY_S
        found = self._resolve(self._master)
        if not found or found == self._known:
            return
        if self._known:
            say(f"the master {self._master} is at {', '.join(sorted(found))} now")
            try:
                self._reconfigure()
            except subprocess.TimeoutExpired:
                return  # at the next look again
        self._known = found


def note_master_address(settings: NodeSettings) -> None:
    """What the name means when HTCondor is about to look it up: it may mean something else soon."""
    _NOTE.write_text("\n".join(sorted(_resolve(settings.master))), encoding="ascii")


def _noted() -> frozenset[str]:
    return frozenset(_NOTE.read_text(encoding="ascii").split()) if _NOTE.exists() else frozenset()


def _resolve(address: Address) -> frozenset[str]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset()
    return frozenset(str(place[0]) for *_, place in found)


def _reconfigure() -> None:
    subprocess.run(["condor_reconfig"], capture_output=True, timeout=_TIMEOUT_S, check=False)
