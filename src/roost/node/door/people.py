"""``roost-node requests`` and ``roost-node approve [CODE]`` on the master: a person at the door."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from roost.node.door.answer import code_of, let_in, master_settings, the_door
from roost.node.door.code import same_code
from roost.node.door.ledger import Ledger, open_ledger
from roost.node.door.logbook import note
from roost.node.door.policy import Answer, Decision, decide, find_problem
from roost.node.door.requests import TokenRequest, list_requests
from roost.node.say import NodeError
from roost.node.settings import NodeSettings


def requests(_arguments: Sequence[str]) -> int:
    """Print who asks to join, as JSON: ``[{"code", "node", "identity", "address", "asker",
    "authorizations", "problem", "note"}]``. What has a ``problem`` cannot be approved."""
    settings = master_settings()
    with open_ledger() as ledger:
        json.dump(list(_describe(settings, ledger)), sys.stdout)
    return 0


def approve(arguments: Sequence[str]) -> int:
    """Let in who has that code; without one, say who asks."""
    if len(arguments) > 1:
        raise NodeError("approve takes one code, as the log of the node that asks has it")
    settings = master_settings()
    with open_ledger() as ledger:
        if not arguments:
            sys.stdout.write(render(list(_describe(settings, ledger))))
            return 0
        request = _find(list_requests(), arguments[0])
        problem = find_problem(request, the_door(settings, ledger))
        if problem:
            raise NodeError(f"{request.identity} cannot be let in: {problem}")
        before = ledger.admitted.get(request.identity.partition("@")[0])
        let_in(request, Decision(Answer.APPROVE, "a person approved it"), ledger, time.time())
        if ledger.admitted.get(request.identity.partition("@")[0]) == before:
            raise NodeError(f"{request.identity} was not let in: see above")
        note(f"a person let {request.identity} at {request.address} in")
    return 0


def _find(pending: Sequence[TokenRequest], code: str) -> TokenRequest:
    for request in pending:
        if same_code(code, code_of(request)):
            return request
    raise NodeError(
        f"nobody asks with the code {code}: `approve` alone shows who does; a node that waits asks"
        " again, with a new code, when its request has expired"
    )


def _describe(settings: NodeSettings, ledger: Ledger) -> Iterator[dict[str, Any]]:
    door, now = the_door(settings, ledger), time.time()
    for request in list_requests():
        decision = decide(request, door, now)
        yield {
            "code": code_of(request),
            "node": request.identity.partition("@")[0],
            "identity": request.identity,
            "address": request.address,
            "asker": request.asker,
            "authorizations": list(request.authorizations),
            "problem": find_problem(request, door),
            "note": decision.reason,
        }


def render(pending: Sequence[dict[str, Any]]) -> str:
    """For people, without the command on the host."""
    if not pending:
        return "Nobody asks to join.\n"
    lines = [
        "  ".join(
            (one["code"], one["identity"], f"from {one['address']}", one["problem"] or one["note"])
        )
        for one in pending
    ]
    # Whoever asks has chosen its name, and a terminal may be looking at it.
    shown = ("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in lines)
    return "\n".join(shown) + "\nWhere the node's own log has the same code: approve CODE\n"
