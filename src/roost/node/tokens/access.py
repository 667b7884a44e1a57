"""HTCondor's configuration that follows from keys and revocations, and having the daemons read it.

It is a file of its own, since it changes while HTCondor runs; it is read last, since an operator's own
configuration must not let in again whom the operator has revoked.
"""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from roost import contract
from roost.node.say import NodeError
from roost.node.tokens.files import replace_file
from roost.node.tokens.records import Revocation, denied_identities, read_revocations

_DENIED_LEVELS = (
    "READ",
    "WRITE",
    "DAEMON",
    "NEGOTIATOR",
    "ADMINISTRATOR",
    "CONFIG",
    "ADVERTISE_STARTD",
    "ADVERTISE_SCHEDD",
    "ADVERTISE_MASTER",
    "CLIENT",
)
"""Every level of access of HTCondor's (ref: "Authorization" in its manual). The expression refuses
logins only; a session from before it goes on until its identity is denied."""

_MARK = "ROOST_ACCESS"
"""A macro of our own: by its value a daemon tells which version of the file it has read."""
MASTER_DAEMONS = ("collector", "negotiator", "master")
SUBMIT_DAEMONS = ("schedd", "master")
_POLL_S = 0.1
_REREAD_TIMEOUT_S = 20.0


def render_access(issuer: str, revocations: Sequence[Revocation]) -> str:
    """The file's text. Pure."""
    lines = [
        "# Written by roost-node: the key that signs tokens, and whose tokens are revoked.",
        f"SEC_TOKEN_ISSUER_KEY = {issuer}",
    ]
    if revocations:
        terms = [f'(sub =?= "{one.identity}" && iat <= {one.until})' for one in revocations]
        expression = " || ".join(["($(SEC_TOKEN_REVOCATION_EXPR:false))", *terms])
        lines.append(f"SEC_TOKEN_REVOCATION_EXPR = {expression}")
    denied = ", ".join(sorted(denied_identities(revocations)))
    if denied:
        lines += [f"DENY_{level} = $(DENY_{level}:) {denied}" for level in _DENIED_LEVELS]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    return "\n".join([*lines, f"{_MARK} = {digest}"]) + "\n"


def write_access(issuer: str) -> str:
    """Write the file by what is recorded now; its mark. HTCondor refuses to reread what its account
    cannot read, and nothing in it is secret."""
    text = render_access(issuer, read_revocations())
    replace_file(Path(contract.ACCESS_CONFIG), text, mode=0o644)
    return text.rpartition(" = ")[2].strip()


def apply_access(issuer: str, daemons: Sequence[str] = MASTER_DAEMONS) -> None:
    """Write the file, and return once every daemon of this node works by it. Raises NodeError."""
    mark = write_access(issuer)
    if not _htcondor_runs():
        return  # it will read it when it starts
    reconfig = subprocess.run(["condor_reconfig"], capture_output=True, text=True, check=False)
    if reconfig.returncode:
        raise NodeError(f"condor_reconfig failed: {(reconfig.stderr or reconfig.stdout).strip()}")
    deadline = time.monotonic() + _REREAD_TIMEOUT_S
    for daemon in daemons:
        while (seen := _mark_of(daemon)) != mark:
            if time.monotonic() > deadline:
                raise NodeError(
                    f"the {daemon.upper()} does not work by the new configuration after "
                    f"{_REREAD_TIMEOUT_S:.0f} s ({seen}): repeat the command"
                )
            time.sleep(_POLL_S)


def _mark_of(daemon: str) -> str:
    """What a running daemon has read, by its own word."""
    asked = subprocess.run(
        ["condor_config_val", f"-{daemon}", _MARK], capture_output=True, text=True, check=False
    )
    return (asked.stdout or asked.stderr).strip()


def _htcondor_runs() -> bool:
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):  # it ended while we looked
            if comm.read_text().strip() == "condor_master":
                return True
    return False
