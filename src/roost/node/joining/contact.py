"""The first contact with a master: its certificate, and its clock.

HTCondor's SSL keeps the certificates that it trusts as ssh does, by name in a file. The name is of our own
choice (a sinful string's ``alias``), so that one certificate serves a master by whatever address it is
reached. What is seen for the first time is believed ("trust on first use") unless an invite says which one to
expect; from then on this node's volume holds it, and another one is refused, by whatever name it goes.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from roost import contract
from roost.node.say import NodeError
from roost.node.settings import Address

CLOCKS_APART_S = 300
"""More than this, and a token can be refused as expired or as made in the future."""
_TIMEOUT_S = 30
_SESSION = re.compile(r"^Session ID:\s+\S+:\d+:(\d{9,12}):\d+\s*$", re.MULTILINE)
"""HTCondor names a session by host, process, time and number."""
_OTHER_NAME = re.compile(r"common name \(CN\), (.*), does not match host")
_SILENT = "what listens there did not answer"
_NO_ANSWER = re.compile(rf"SECMAN:20(03|07|11):|{_SILENT}|gave no answer")
"""The connection failed, or was closed before anything was said: the port of a master that starts takes
connections before its collector does, and a port that an engine publishes even before that."""
_NO_METHOD = "AUTHENTICATE:1003:"
"""Both sides have no way in common to tell who they are."""
_REASON = re.compile(r"\berr \d+:(.+)")


@dataclass(frozen=True)
class Contact:
    """A master that has shown a certificate which this node believes."""

    address: str
    """For HTCondor's ``-pool``: with the name that the certificate is for."""
    fingerprint: str
    pins: str
    """The content of the file that makes HTCondor believe it again."""


class NoAnswerError(NodeError):
    """Something takes connections at the master's address, and no collector answers there (yet)."""


class RefusedCertificateError(NodeError):
    """The master shows a certificate that this node must not believe."""


def meet(
    master: Address,
    names: Sequence[str],
    pins: Path = Path(contract.PINS_FILE),
    *,
    vouched: bool = False,
) -> Contact:
    """Meet the master, whose certificate is for one of ``names``. Changes nothing.

    A node that knows a certificate asks for the name which that is for, and for no other: the first use of
    another name would be believed. Not where the certificate is ``vouched`` for, and the caller compares it.

    Raises :class:`RefusedCertificateError`, :class:`NoAnswerError` where it is worth another try, or
    another :class:`NodeError` where the clocks are apart or nobody knows its name.
    """
    address = _numeric(master)
    problem = ""
    pinned = [] if vouched else pinned_names(pins)
    for name in dict.fromkeys(pinned or names):
        with tempfile.TemporaryDirectory(prefix="roost-") as directory:
            known = Path(directory, "known")
            known.write_text(_pins_of(pins, name), encoding="ascii")
            sinful = f"<{address}?alias={name}>"
            began = time.time()
            output = _ping(sinful, known)
            text = known.read_text(encoding="ascii")
            fingerprint = find_fingerprint(text, name)
            stamp = _SESSION.search(output)
            if fingerprint and stamp:
                _compare_clocks(float(stamp[1]), began, time.time())
                return Contact(sinful, fingerprint, text)
            problem = problem or explain(output, text, name, pinned=bool(pinned))
            if _SILENT in problem:
                break
    if _NO_ANSWER.search(problem):
        raise NoAnswerError(problem)
    raise RefusedCertificateError(f"the master at {master} is not believed: {problem}")


AS_ROOT = {"_CONDOR_CONDOR_IDS": "0.0"}
"""HTCondor's tools become the daemons' account, which may not read what is root's alone."""


def ssl_environment(pins: Path) -> dict[str, str]:
    """What makes HTCondor's tools authenticate the master by SSL, and themselves not at all."""
    return {
        **AS_ROOT,
        "_CONDOR_SEC_CLIENT_AUTHENTICATION_METHODS": "SSL",
        "_CONDOR_SEC_KNOWN_HOSTS": str(pins),
        "_CONDOR_SEC_SYSTEM_KNOWN_HOSTS": str(pins),
        "_CONDOR_BOOTSTRAP_SSL_SERVER_TRUST": "True",
        "_CONDOR_BOOTSTRAP_SSL_SERVER_TRUST_PROMPT_USER": "False",
        "_CONDOR_SSL_SKIP_HOST_CHECK": "False",
        # As HTCondor names any server that has shown a certificate it believes.
        "_CONDOR_ALLOW_CLIENT": "ssl@unmapped",
        # Else whatever an authority of the operating system has signed would pass for the master.
        "_CONDOR_AUTH_SSL_CLIENT_USE_DEFAULT_CAS": "False",
    }


def find_fingerprint(pins: str, name: str) -> str | None:
    """SHA-256 of the certificate that a file of known hosts believes for a name."""
    for line in pins.splitlines():
        words = line.split()
        if len(words) == 3 and words[:2] == [name, "SSL"]:
            try:
                return hashlib.sha256(base64.b64decode(words[2], validate=True)).hexdigest()
            except ValueError:
                return None
    return None


def explain(output: str, pins: str, name: str, *, pinned: bool = False) -> str:
    """Why the handshake failed, in words, from what HTCondor's tool said of it. ``pinned``: the node knows
    the certificate for that name."""
    other = _OTHER_NAME.search(output)
    if any(line.startswith(f"!{name} ") for line in pins.splitlines()) or (other and pinned):
        return (
            f"it shows another certificate than at this node's first contact (for {name}). Where the master"
            f" was made anew, remove {contract.PINS_FILE} here; otherwise somebody else answers in its place"
        )
    if other:
        return (
            f"its certificate is for {other[1]}, not for {name}: is {contract.ENV_POOL} this pool's"
            f" name, and {contract.ENV_MASTER} the name in the certificate?"
        )
    reasons = [reason.strip() for reason in _REASON.findall(output) if "self" not in reason]
    if reasons:
        return f"its certificate: {reasons[0]}; is this node's clock right ({_now()})?"
    if _NO_METHOD in output:
        return "what answers there shows no certificate, as a master does: is that the master?"
    last = [line for line in output.splitlines() if line.strip()]
    return last[-1].strip() if last else "it gave no answer"


def _ping(sinful: str, pins: Path) -> str:
    argv = ["condor_ping", "-debug:D_SECURITY", "-type", "COLLECTOR", "-pool", sinful]
    return run_quietly([*argv, "-verbose", "ALLOW"], ssl_environment(pins))


def run_quietly(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    """All that a tool says; what it says when it does not end is that."""
    try:
        asked = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, **environment},
        )
    except subprocess.TimeoutExpired:
        return f"{_SILENT} within {_TIMEOUT_S} s: is that the master?"
    return asked.stdout.decode(errors="replace")


def pinned_names(pins: Path) -> list[str]:
    """The names for which a node knows a certificate. What HTCondor refused has a mark before its name."""
    known = (line.split() for line in _lines(pins))
    return [words[0] for words in known if words[1:2] == ["SSL"] and not words[0].startswith("!")]


def _pins_of(pins: Path, name: str) -> str:
    return "".join(f"{line}\n" for line in _lines(pins) if line.startswith(f"{name} "))


def _lines(pins: Path) -> list[str]:
    try:
        return pins.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise NodeError(f"{pins} cannot be read: {error}") from None


def _compare_clocks(theirs: float, before: float, after: float) -> None:
    """The master's clock, which the name of its session tells, against this node's."""
    apart = before - theirs if before > theirs else min(after - theirs, 0.0)
    if abs(apart) <= CLOCKS_APART_S:
        return
    word = "ahead of" if apart > 0 else "behind"
    raise NodeError(
        f"this node's clock ({_now()}) is {_duration(abs(apart))} {word} the master's: set the one that is"
        " wrong; tokens would be refused as expired or as made in the future"
    )


def _duration(seconds: float) -> str:
    for size, unit in ((86400.0, "days"), (3600.0, "hours")):
        if seconds + 60 >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 60:.0f} minutes"


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())


def _numeric(master: Address) -> str:
    """The address as HTCondor's sinful strings have it. Raises NodeError for a name nobody knows."""
    try:
        found = socket.getaddrinfo(master.host, master.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NodeError(f"the master's name {master.host} is not known: {error}") from None
    host = str(found[0][4][0])
    return f"[{host}]:{master.port}" if ":" in host else f"{host}:{master.port}"
