"""Extra configuration that may undo what Roost promises: the operator's right, but worth telling.

The syntax is HTCondor's configuration language (manual, "Introduction to Configuration").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from roost.spec.model import ConfigPart, PoolSpec

_ASSIGNMENT = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(?:=|@=(\w+)\s*$)")
_METAKNOB = re.compile(r"\s*use\s+(security)\s*:", re.IGNORECASE)

_CONSEQUENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), consequence)
    for pattern, consequence in (
        (r"(SEC|ALLOW|DENY|AUTH|CERTIFICATE)_.*", "the pool may no longer be secure"),
        (r"(TRUST|UID)_DOMAIN|TRUST_UID_DOMAIN", "tokens and job owners may no longer be accepted"),
        (r"(MASTER|SCHEDD|STARTD|COLLECTOR)_NAME", "nodes may no longer be found by their names"),
        (r"(COLLECTOR|CONDOR)_HOST", "the node may leave the pool"),
        (r"DAEMON_LIST", "the node may no longer do its role's work"),
        (
            r"(USE_)?SHARED_PORT(_PORT)?|CCB_ADDRESS|TCP_FORWARDING_HOST|PRIVATE_NETWORK_(NAME|INTERFACE)",
            "nodes may no longer reach each other",
        ),
        (
            r"USER_JOB_WRAPPER|SLOT\d+_USER|DEDICATED_EXECUTE_ACCOUNT_REGEXP",
            "jobs may share accounts",
        ),
        (
            r"SUBMIT_REQUIREMENT_NAMES|IMMUTABLE_JOB_ATTRS|START_(LOCAL|SCHEDULER)_UNIVERSE",
            "users from outside may run programs on the submit node",
        ),
        (
            r"SHARED_PORT_DEFAULT_ID|SCHEDD_ARGS",
            "users from outside may no longer reach the schedd",
        ),
        (r"USE SECURITY", "the pool may no longer be secure"),
    )
)


def config_warnings(spec: PoolSpec) -> tuple[str, ...]:
    """A line for each extra setting that touches security, identity or the network."""
    return tuple(
        f"{part.origin}, line {number}: {knob} is set; it is applied last, so {meaning}"
        for part in spec.config
        for number, knob in assignments(part)
        if (meaning := consequence(knob)) is not None
    )


def assignments(part: ConfigPart) -> Iterator[tuple[int, str]]:
    """Line number and upper-case name of each knob that is set, or ``USE SECURITY``."""
    continued = False
    heredoc_end: str | None = None
    for number, line in enumerate(part.text.splitlines(), start=1):
        if heredoc_end is not None:
            if line.strip() == f"@{heredoc_end}":
                heredoc_end = None
            continue
        if not continued:
            if match := _ASSIGNMENT.match(line):
                heredoc_end = match[2]
                yield number, match[1].upper()
            elif _METAKNOB.match(line):
                yield number, "USE SECURITY"
        continued = line.rstrip().endswith("\\") and heredoc_end is None


def consequence(knob: str) -> str | None:
    """What may come of it when an operator sets that knob (in upper case); None for most."""
    plain = knob.rpartition(".")[2]  # SCHEDD.SEC_X sets SEC_X for one daemon
    return next((text for pattern, text in _CONSEQUENCES if pattern.fullmatch(plain)), None)
