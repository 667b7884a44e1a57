"""When a node renews its token, and what its health says of that. Driven by the health process's loop.

The renewal itself is a process of its own (:mod:`roost.node.tokens.renew`), which lives for seconds in a
month.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

from roost import contract
from roost.logline import Level
from roost.node.credential import duration
from roost.node.health.findings import Finding, degraded, unhealthy
from roost.node.say import say
from roost.node.tokens.claims import Claims, read_claims

_DUE = 2 / 3
"""Of its life: when it is renewed."""
_SPREAD = 1 / 20
"""Of its life: nodes that got theirs in one moment do not all ask in one moment."""
_TELL = 0.30
"""Of its life left: from then on a token that was not renewed is told, in words."""
_LOOK_S = 15.0
_LONGEST_PAUSE_S = 600.0
_TRIES = 200
"""In the whole life of a token, where it is short: a pause is that part of it."""


def renewal_due(claims: Claims, node: str) -> float | None:
    """When to renew, in seconds of the epoch; None for a token that says no times. Pure."""
    if claims.issued is None or claims.expires is None:
        return None
    life_s = claims.expires - claims.issued
    early = _SPREAD * (crc32(node.encode()) % 1000) / 1000
    return claims.issued + life_s * (_DUE - early)


def pause_s(claims: Claims) -> float:
    """Between two tries."""
    life_s = (claims.expires or 0.0) - (claims.issued or 0.0)
    return min(max(life_s / _TRIES, 5.0), _LONGEST_PAUSE_S)


def judge_token(claims: Claims, now: float, problem: str) -> Iterator[Finding]:
    """What is wrong with a token that should have been renewed. Pure."""
    if claims.issued is None or claims.expires is None:
        return
    left_s = claims.expires - now
    why = f": {problem}" if problem else ""
    if left_s <= 0:
        yield unhealthy(f"this node's token expired {duration(left_s)} ago{why}")
    elif left_s < _TELL * (claims.expires - claims.issued):
        yield degraded(
            f"this node's token expires in {duration(left_s)} and could not be renewed yet{why}"
        )


Spawn = Callable[[], "subprocess.Popen[str]"]


class Renewal:
    """Renews the token in time, again and again until it succeeds."""

    def __init__(
        self, node: str, path: Path = Path(contract.TOKEN_FILE), spawn: Spawn | None = None
    ) -> None:
        self._node = node
        self._path = path
        self._spawn = spawn or _spawn
        self._claims: Claims | None = None
        self._problem = ""
        self._running: subprocess.Popen[str] | None = None
        self._next_look = 0.0
        self._next_try = 0.0

    def step(self, now: float) -> None:
        """Called every second; nearly always for nothing."""
        if self._running and self._running.poll() is not None:
            self._end(self._running, now)
        if now < self._next_look or self._running:
            return
        self._next_look = now + _LOOK_S
        self._claims = self._read()
        due = renewal_due(self._claims, self._node) if self._claims else None
        if due is None or now < due:
            return
        self._next_look = min(self._next_look, max(self._next_try, now))
        if now >= self._next_try:
            self._running = self._spawn()

    def findings(self, now: float) -> Iterator[Finding]:
        """What health has to say of the token."""
        if self._claims:
            yield from judge_token(self._claims, now, self._problem)

    def _end(self, process: subprocess.Popen[str], now: float) -> None:
        said, _ = process.communicate()
        self._running, self._next_look = None, now
        self._problem = _problem_in(said, process.returncode)
        if self._claims:
            self._next_try = now + pause_s(self._claims)
        if self._problem:
            say(f"the token was not renewed: {self._problem}", level=Level.WARNING)
        else:
            say("renewed this node's token")

    def _read(self) -> Claims | None:
        try:
            return read_claims(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return self._claims  # told by others: by the doctor, and at the next start


def _problem_in(said: str, code: int) -> str:
    """Empty where the renewal succeeded."""
    try:
        problem = json.loads(said).get("problem", "")
    except (ValueError, AttributeError):
        return said.strip() or f"`roost-node renew` ended with {code}"
    return str(problem)


def _spawn() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [contract.NODE_PROGRAM, "renew"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
