"""The way to the master: its name, the network, its port, and its collector's answer."""

from __future__ import annotations

import errno
import queue
import re
import socket
import subprocess
import threading

from roost import contract
from roost.contract import Role
from roost.node.diagnose.tool import run_tool
from roost.node.settings import Address, NodeSettings
from roost.nodefacts import Reach, Road
from roost.redaction import redact

RESOLVE_TIMEOUT_S = 4.0
CONNECT_TIMEOUT_S = 3.0
PING_TIMEOUT_S = 6.0

_REFUSAL = re.compile(r"failed!|^[A-Z_]+:[0-9]+:|^ERROR", re.MULTILINE)
_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


def look_at_road(settings: NodeSettings) -> Road | None:
    """How far this node gets; None for the master, which has no way to go."""
    if settings.role is Role.MASTER:
        return None
    address = settings.master
    try:
        resolved = resolve(address)
    except OSError as error:
        return Road(str(address), Reach.UNRESOLVED, error.strerror or str(error))
    reach, detail = connect(resolved)
    refusal = _ping(settings) if reach is Reach.CONNECTED else ""
    return Road(str(address), reach, detail, refusal)


def resolve(address: Address) -> tuple[str, int]:
    """An address of its, within a bound that resolvers do not have. Raises OSError."""
    found: queue.SimpleQueue[tuple[str, int] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            (*_, place), *_ = socket.getaddrinfo(
                address.host, address.port, type=socket.SOCK_STREAM
            )
            found.put((str(place[0]), int(place[1])))
        except OSError as error:
            found.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=RESOLVE_TIMEOUT_S)
    except queue.Empty:
        raise OSError(f"no answer from the name server within {RESOLVE_TIMEOUT_S:g} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def connect(place: tuple[str, int]) -> tuple[Reach, str]:
    """How far a connection gets, and what is said where it does not get there."""
    try:
        socket.create_connection(place, timeout=CONNECT_TIMEOUT_S).close()
    except OSError as error:
        return explain_failure(place[0], error)
    return Reach.CONNECTED, ""


def explain_failure(host: str, error: OSError) -> tuple[Reach, str]:
    """How far a connection to that address got, by the error that it ended with."""
    if isinstance(error, TimeoutError):
        return Reach.SILENT, f"nothing comes back from {host} within {CONNECT_TIMEOUT_S:g} s"
    said = f"{error.strerror or error} ({host})"
    return (Reach.NO_ROUTE if error.errno in _NO_ROUTE else Reach.REFUSED), said


def _ping(settings: NodeSettings) -> str:
    """Why the collector does not grant everything that the role needs; empty where it does."""
    wanted = contract.ROLE_AUTHORIZATIONS[settings.role]
    ping = ["condor_ping", "-verbose", "-pool", str(settings.master), "-type", "COLLECTOR"]
    try:
        asked = run_tool([*ping, *wanted], PING_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return f"its collector takes connections, and does not answer within {PING_TIMEOUT_S:g} s"
    if asked.returncode == 0:
        return ""
    return redact(refusal_in(f"{asked.stdout}\n{asked.stderr}")) or "it gives no reason"


def refusal_in(said: str) -> str:
    """What ``condor_ping -verbose`` says of the authorizations that are not granted."""
    lines = (line.strip() for line in said.splitlines())
    return "; ".join(dict.fromkeys(line for line in lines if _REFUSAL.search(line)))
