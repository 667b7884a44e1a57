"""``roost-node door`` on the master: answer those who ask for a token, once.

It runs when the bell rings (:mod:`roost.node.door.bell`), and after a person has opened a network.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from roost import contract
from roost.contract import Role
from roost.logline import Level
from roost.node.door.certificate import find_certificate
from roost.node.door.code import request_code
from roost.node.door.ledger import Ledger, open_ledger, save
from roost.node.door.policy import Answer, Decision, Door, decide, select
from roost.node.door.requests import TokenRequest, approve_request, list_requests
from roost.node.say import NodeError, say
from roost.node.settings import NodeSettings, read_settings
from roost.node.tokens.files import locked
from roost.node.tokens.issuing import is_revoked, note_approved


def answer(_arguments: Sequence[str] = ()) -> int:
    """Let in whom the rules vouch for, and tell of everybody else once."""
    settings = master_settings()
    now = time.time()
    with open_ledger() as ledger:
        ledger.forget_old(now)
        requests = list_requests()
        chosen, left = select(requests)
        if left:
            say(f"{left} more requests to join wait for their turn", level=Level.WARNING)
        door = the_door(settings, ledger)
        for request in chosen:
            decision = decide(request, door, now)
            if decision.answer is Answer.APPROVE:
                let_in(request, decision, ledger, now)
            elif decision.answer is not Answer.LEAVE and request.id not in ledger.told:
                _tell(request, decision)
        ledger.told = tuple(request.id for request in chosen)
    return 0


def master_settings() -> NodeSettings:
    """This master's settings. Raises :class:`NodeError` on any other node."""
    settings = read_settings(os.environ, os.uname().nodename)
    if settings.role is not Role.MASTER:
        raise NodeError("only the master has a door: run this in its container")
    return settings


def the_door(settings: NodeSettings, ledger: Ledger) -> Door:
    """What decisions of this master depend on."""
    return Door(settings.pool, ledger, is_revoked)


def let_in(request: TokenRequest, decision: Decision, ledger: Ledger, now: float) -> None:
    """Approve it. What it uses up is noted first, so that a crash in between costs a use, not a guard."""
    node = request.identity.partition("@")[0]
    invites, admitted = dict(ledger.invites), dict(ledger.admitted)
    if decision.invite is not None:
        ledger.use(decision.invite, node)
    if request.asker != request.identity:
        ledger.admit(node, decision.reason, now, request.address)
    save(ledger)
    try:
        approve_request(request)
    except NodeError as error:
        ledger.invites, ledger.admitted = invites, admitted
        say(str(error), level=Level.WARNING)
        return
    with locked():
        note_approved(request.identity, float(request.lifetime_s or 0))
    say(f"let {request.identity} at {request.address} in: {decision.reason}")


def _tell(request: TokenRequest, decision: Decision) -> None:
    if decision.answer is Answer.REFUSE:
        say(
            f"{request.asker} at {request.address} asks for a token of {request.identity} and gets"
            f" none: {decision.reason}",
            level=Level.WARNING,
        )
        return
    code = code_of(request)
    say(
        f"{request.identity} at {request.address} asks to join, code {code}: {decision.reason}."
        f" Where its own log has the same code, let it in: {contract.NODE_PROGRAM} approve {code}",
        level=Level.WARNING,
    )


def code_of(request: TokenRequest) -> str:
    """The code that the asker's log has as well, if no one sits between."""
    return request_code(request.id, request.identity, find_certificate().fingerprint)
