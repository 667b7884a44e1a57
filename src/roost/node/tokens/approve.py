"""The master's side of a renewal: which of HTCondor's token requests it approves by itself.

Nothing but a renewal: who asks has logged in as the very identity that it asks for.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from roost import contract
from roost.contract import Role
from roost.logline import Level
from roost.node.door.requests import ask_collector
from roost.node.health.findings import Finding
from roost.node.say import NodeError, say
from roost.node.settings import read_settings
from roost.node.tokens.files import locked
from roost.node.tokens.issuing import note_approved, token_lifetime_s
from roost.node.tokens.records import denied_identities, read_revocations

LIST_REQUESTS = ("condor_token_request_list", "-json")
APPROVE_EVERY_S = 30.0
"""Asking the collector costs 20 ms of CPU time; nobody who renews is in a hurry."""
Spawn = Callable[[], "subprocess.Popen[str]"]


def renewal_problem(
    request: Mapping[str, Any], pool: str, *, denied: Collection[str], lifetime_s: int
) -> str | None:
    """Why a request, as ``condor_token_request_list -json`` tells it, is no renewal that is approved;
    None where it is one. Pure."""
    identity = request.get("RequestedIdentity")
    if not isinstance(identity, str) or request.get("AuthenticatedIdentity") != identity:
        return "the asker has not logged in as whom it asks for"
    node, _, domain = identity.partition("@")
    role = contract.role_of_node(node)
    if role is None or domain != contract.trust_domain(pool):
        return f"{identity} is no node of this pool"
    if identity in denied:
        return f"{identity} is revoked"
    wanted = {word for word in str(request.get("LimitAuthorization", "")).split(",") if word}
    if not wanted or not wanted <= set(contract.ROLE_AUTHORIZATIONS[role]):
        return f"its role has {', '.join(contract.ROLE_AUTHORIZATIONS[role])} and no more"
    asked_s = request.get("TokenLifetime")
    if not isinstance(asked_s, int) or not 0 < asked_s <= lifetime_s:
        return f"a token lives {lifetime_s} s"
    return None


def approve_renewals(_arguments: list[str]) -> int:
    """``roost-node approve-renewals`` on the master: approve those that wait, and note them."""
    settings = read_settings(os.environ, os.uname().nodename)
    if settings.role is not Role.MASTER:
        raise NodeError("only the master approves tokens")
    lifetime_s = token_lifetime_s()
    with locked():
        denied = denied_identities(read_revocations())
        for request in _requests():
            if renewal_problem(request, settings.pool, denied=denied, lifetime_s=lifetime_s):
                continue  # not ours to judge: it waits for whoever lets nodes in
            _approve(request)
    return 0


def _requests() -> list[dict[str, Any]]:
    listed = ask_collector(LIST_REQUESTS)
    if listed.returncode:
        raise NodeError(f"the collector lists no token requests: {listed.stderr.strip()}")
    found: list[dict[str, Any]] = json.loads(listed.stdout or "[]")
    return found


def _approve(request: Mapping[str, Any]) -> None:
    identity = request["RequestedIdentity"]
    approve = ["condor_token_request_approve", "-reqid", str(request["RequestId"])]
    done = ask_collector(approve, answer="yes\n")
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        say(f"the token of {identity} was not renewed: {said[-1]}", level=Level.WARNING)
        return
    note_approved(identity, float(request["TokenLifetime"]))
    say(f"renewed the token of {identity} at {request.get('PeerLocation')}")


class Approver:
    """Looks now and then whether anybody wants a renewal; driven by the health process's loop."""

    def __init__(self, list_requests: Spawn | None = None, approve: Spawn | None = None) -> None:
        # It says on its standard error that there are none.
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._list = list_requests or (lambda: _spawn(LIST_REQUESTS, **streams))
        self._approve = approve or (lambda: _spawn([contract.NODE_PROGRAM, "approve-renewals"]))
        self._listing: subprocess.Popen[str] | None = None
        self._approving: subprocess.Popen[str] | None = None
        self._next = 0.0

    def step(self, now: float) -> None:
        """Called every second."""
        if self._approving and self._approving.poll() is not None:
            self._approving = None
        if self._listing and self._listing.poll() is not None:
            said, _ = self._listing.communicate()
            self._listing = None
            if "RequestId" in said and not self._approving:
                self._approving = self._approve()
        if now >= self._next and not self._listing:
            self._next = now + APPROVE_EVERY_S
            self._listing = self._list()

    def findings(self, _now: float) -> Iterator[Finding]:
        """Nothing: what goes wrong is told by the node that gets no token."""
        yield from ()


def _spawn(argv: Sequence[str], **streams: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, text=True, **streams)
