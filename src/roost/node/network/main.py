"""``roost-node network``: from this node to every node that it must talk to, all at once, within a bound.

A table for people, with the mend of what fails; with ``--json``, :class:`roost.pathfacts.NetworkFacts` for
``roost doctor --network``. The exit code is 1 where a way fails that jobs need.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict

from roost.contract import Role
from roost.node.diagnose.pool import UnansweredError, ask
from roost.node.network.measure import Traveller
from roost.node.network.peers import Known, find_known, must_talk
from roost.node.say import NodeError
from roost.node.settings import NodeSettings, read_settings
from roost.pathfacts import NetworkFacts, Peer
from roost.pathverdict import is_passable, render_facts

DEADLINE_S = 25.0
_AT_ONCE = 16
_ATTRIBUTES = (
    *("MyType", "Name", "Machine", "MyAddress", "RoostHost"),
    *("MyCurrentTime", "LastHeardFrom"),
)


def network(arguments: list[str]) -> int:
    """Measure, and tell. Raises :class:`NodeError` for arguments that it does not have."""
    if arguments not in ([], ["--json"]):
        raise NodeError("network takes no argument but --json")
    settings = read_settings(os.environ, os.uname().nodename)
    facts = _look(settings)
    if arguments:
        json.dump(asdict(facts), sys.stdout)
    else:
        sys.stdout.write(render_facts(facts) + "\n")
    sys.stdout.flush()
    # Whoever has not come back by now would keep this process.
    os._exit(0 if arguments or is_passable(facts) else 1)


def _look(settings: NodeSettings) -> NetworkFacts:
    error = ""
    ads: list[dict[str, object]] = []
    try:
        ads = ask("-any", "-attributes", ",".join(_ATTRIBUTES))
    except UnansweredError as failure:
        error = str(failure)
    known = find_known(ads)
    traveller = Traveller(settings, known, _version())
    goals = must_talk(settings.role, settings.node, known.values())
    threads = ThreadPoolExecutor(_AT_ONCE)
    ways = {}
    if settings.role is not Role.MASTER:
        ways["master"] = threads.submit(traveller.go_to_master)
    for target, needed in goals:
        if target.role is not Role.MASTER:
            ways[target.name] = threads.submit(traveller.go, target, needed=needed)
    done, _ = wait(ways.values(), DEADLINE_S)
    return NetworkFacts(
        node=settings.node,
        role=settings.role,
        pool=settings.pool,
        paths=tuple(way.result() for way in ways.values() if way in done),
        peers=tuple(_peers(known.values())),
        error=error,
        unmeasured=tuple(name for name, way in ways.items() if way not in done),
    )


def _peers(known: Iterable[Known]) -> Iterable[Peer]:
    return (Peer(one.name, one.role, one.host) for one in known)


def _version() -> str:
    """Of this node's HTCondor."""
    import htcondor2

    words = str(htcondor2.version()).split()
    return words[1] if len(words) > 1 else ""
