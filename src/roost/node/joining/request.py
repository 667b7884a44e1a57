"""One token request, from asking to the answer, by HTCondor's ``condor_token_request``."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from roost import contract
from roost.contract import Role
from roost.node.joining.contact import run_quietly
from roost.node.say import NodeError

_ID = re.compile(r"approve request (\d+)")
_POLL_S = 0.2
_RING_EVERY_S = 60.0
_START_S = 60.0
"""For the collector to take the request."""


@dataclass(frozen=True)
class Wish:
    """What is asked for, and where. ``environment`` says how to authenticate; no secret stands in it."""

    address: str
    identity: str
    role: Role
    environment: Mapping[str, str]


class RefusedError(NodeError):
    """The collector does not take the request, or takes it back."""


def request_token(
    wish: Wish, file: Path, enqueued: Callable[[str], None], *, patience_s: float | None = None
) -> None:
    """Ask for a token that lives as long as the master lets one live, tell ``enqueued`` HTCondor's id of
    the request, and return once the token is in ``file``.

    Raises :class:`RefusedError` when it was refused or has expired, and TimeoutError when nobody has
    approved it within ``patience_s``.
    """
    ours, theirs = os.openpty()  # on a pipe, the tool keeps what it says to itself until its end
    tool = subprocess.Popen(
        _argv(wish, file),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, **wish.environment},
    )
    os.close(theirs)
    try:
        _follow(tool, ours, wish, enqueued, patience_s)
    finally:
        tool.kill()
        tool.wait()
        os.close(ours)
    if not file.exists():
        raise RefusedError("the collector's answer held no token")


def _argv(wish: Wish, file: Path) -> list[str]:
    argv = ["condor_token_request", "-pool", wish.address, "-identity", wish.identity]
    for authorization in contract.ROLE_AUTHORIZATIONS[wish.role]:
        argv += ["-authz", authorization]
    return [*argv, "-file", str(file)]


def _follow(
    tool: subprocess.Popen[bytes],
    output: int,
    wish: Wish,
    enqueued: Callable[[str], None],
    patience_s: float | None,
) -> None:
    said, known = "", False
    began = rang = time.monotonic()
    while True:
        ended = tool.poll() is not None
        said += _read(output)
        if not known and (match := _ID.search(said)):
            known = True
            enqueued(match[1])
            _ring(wish)
            began = rang = time.monotonic()
        if ended:
            break
        now = time.monotonic()
        if known and patience_s is not None and now - began > patience_s:
            raise TimeoutError
        if not known and now - began > _START_S:
            raise RefusedError(f"its collector took no request within {_START_S:g} s")
        if known and now - rang > _RING_EVERY_S:
            _ring(wish)
            rang = time.monotonic()
    if tool.returncode:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise RefusedError(lines[-1] if lines else "the collector gave no reason")


def _ring(wish: Wish) -> None:
    """Tell the door that somebody asks: the collector logs no request, but what it denies
    (:mod:`roost.node.door.bell`)."""
    argv = ["condor_ping", "-quiet", "-type", "COLLECTOR", "-pool", wish.address, "WRITE"]
    run_quietly(argv, wish.environment)


def _read(output: int) -> str:
    """What has come, after a moment's wait."""
    if select.select([output], [], [], _POLL_S)[0]:
        with suppress(OSError):  # the other end is closed
            return os.read(output, 65536).decode(errors="replace")
        time.sleep(_POLL_S)
    return ""
