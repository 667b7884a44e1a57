"""A real exchange with HTCondor at the other end: ``condor_ping``, by the contact that daemons use as well.

Most nodes cannot prove each other's tokens, so that most of them refuse: that is an answer, and all that is
asked for. Its first message is made so long that it takes several packets, as a job's files do: where a
router loses big packets and does not say so, connections open, and nothing else ever comes through.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from roost.node.diagnose.road import refusal_in
from roost.node.diagnose.tool import run_tool
from roost.pathfacts import Answer
from roost.redaction import redact

TIMEOUT_S = 6.0
LONG_BYTES = 16_000
"""Of a message that needs more than one packet, also of 9000 bytes."""
_REFUSED = re.compile(r"\b(AUTHENTICATE:10|SECMAN:20(02|04|05|06|08|09|10)\b)")
"""What HTCondor's client says after the other end has answered its first message (SECMAN_ERR_* and
AUTHENTICATE_ERR_* in condor_error_codes.h): that they do not agree, or that it is not let in."""
_PARAMETERS = re.compile(r"\?[^<>\s]*>")
"""Of an address in angle brackets: long, and of no use to people."""
_LONG = {
    # What a client says of itself that may be of any length; the other end has no use for it.
    "_CONDOR_TRUST_DOMAIN": "x" * LONG_BYTES
}
STREAMING = {
    # A tool would listen at a port of its own for whom it asks to connect. With these it does as the daemons
    # of 25.12 do between two nodes that nobody can connect to: the master passes the bytes on.
    "_CONDOR_USE_SHARED_PORT": "False",
    "_CONDOR_TOOLS_ASSUME_FIREWALLS": "True",
}


@dataclass(frozen=True)
class Exchange:
    """What came back, in how many milliseconds."""

    answer: Answer
    detail: str = ""
    took_ms: float | None = None


def talk(where: Sequence[str], wanted: Sequence[str], environment: Mapping[str, str]) -> Exchange:
    """Ask HTCondor for authorizations, at length, and in short where that is not answered."""
    long = _ask(where, wanted, {**environment, **_LONG})
    if long.answer is not Answer.NONE:
        return long
    short = _ask(where, wanted, environment)
    if short.answer is Answer.NONE:
        return long
    again = _ask(where, wanted, {**environment, **_LONG})
    if again.answer is not Answer.NONE:
        return again  # the first was lost for another reason
    detail = f"{LONG_BYTES} bytes at once: {again.detail}"
    return Exchange(Answer.SMALL_ONLY, detail, short.took_ms)


def _ask(where: Sequence[str], wanted: Sequence[str], environment: Mapping[str, str]) -> Exchange:
    began = time.perf_counter()
    try:
        asked = run_tool(
            ["condor_ping", "-verbose", *where, *wanted], TIMEOUT_S, environment=environment
        )
    except subprocess.TimeoutExpired:
        return Exchange(Answer.NONE, f"no answer within {TIMEOUT_S:g} s")
    took_ms = (time.perf_counter() - began) * 1000
    if asked.returncode == 0:
        return Exchange(Answer.GRANTED, "", took_ms)
    return read_refusal(f"{asked.stdout}\n{asked.stderr}", took_ms)


def read_refusal(said: str, took_ms: float | None = None) -> Exchange:
    """Whether HTCondor refused, or was not there to do so. Pure."""
    detail = redact(_PARAMETERS.sub(">", refusal_in(said))) or "condor_ping gives no reason"
    if not _REFUSED.search(said):
        return Exchange(Answer.NONE, detail)
    return Exchange(Answer.REFUSED, detail, took_ms)
