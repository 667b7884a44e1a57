"""Nodes that ask to join a master called ``condormaster``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from roost.waiting import wait_for
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.pages import CODE

REQUEST = re.compile(rf"({CODE.pattern})  (\S+)@")
LET_IN = re.compile(r"a person let (\S+)@")


def requests(head: Host) -> dict[str, str]:
    """Who asks to join, by code: a node that did not hear from its master for long asks again."""
    asked = head.docker("exec", "condormaster", "roost-node", "approve", check=False)
    return dict(REQUEST.findall(asked))


def await_requests(head: Host, others: Sequence[Host], count: int) -> None:
    """Wait until so many nodes ask, or have been let in."""

    def look() -> bool | None:
        asking = {*requests(head).values(), *LET_IN.findall(head.log("condormaster"))}
        return len(asking) == count or None

    def logs() -> str:
        nodes = [(host, node) for host in others for node in host.docker("ps", "-aq").split()]
        return f"{requests(head)} {[host.log(node)[-900:] for host, node in nodes]}"

    wait_for("all nodes ask to join", look, timeout_s=PATIENCE_S, last_seen=logs)


def let_in(head: Host, others: Sequence[Host], count: int) -> None:
    """Let so many nodes in, once they all ask."""
    await_requests(head, others, count)
    for code in requests(head):
        head.docker("exec", "condormaster", "roost-node", "approve", code)
