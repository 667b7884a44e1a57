"""``roost-node diagnose-pool`` on the master: what the collector holds, and when jobs were matched."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from roost.contract import node_of_machine
from roost.node.diagnose.node import end_by_itself
from roost.node.diagnose.tool import run_tool
from roost.node.door.ledger import read_admitted
from roost.nodefacts import Ad, PoolFacts

_ATTRIBUTES = (
    *("MyType", "Name", "Machine", "CondorVersion", "MyAddress", "LastHeardFrom"),
    *("RoostHost", "SlotType", "State", "Activity", "Start"),
)
_TIMEOUT_S = 5


class UnansweredError(Exception):
    """A daemon did not answer; the message says how."""


def diagnose_pool(_arguments: list[str]) -> int:
    """Print :class:`roost.nodefacts.PoolFacts`."""
    end_by_itself()
    json.dump(asdict(_look()), sys.stdout)
    return 0


def _look() -> PoolFacts:
    try:
        found = ask("-any", "-attributes", ",".join(_ATTRIBUTES))
    except UnansweredError as error:
        return PoolFacts(error=str(error))
    ads = tuple(read_ads(found, now=time.time()))
    joined = find_joined(found, read_admitted())
    negotiators = [ad.name for ad in ads if ad.kind == "Negotiator"]
    if not negotiators:
        return PoolFacts(ads, joined=joined)
    try:
        # The ad in the collector is renewed every five minutes; the negotiator knows better.
        told = ask(
            "-negotiator", "-direct", negotiators[0], "-attributes", "LastNegotiationCycleEnd0"
        )
    except UnansweredError as error:
        return PoolFacts(ads, negotiator_error=str(error), joined=joined)
    ends = [
        float(ad["LastNegotiationCycleEnd0"]) for ad in told if "LastNegotiationCycleEnd0" in ad
    ]
    cycle_s = time.time() - max(ends) if ends else None
    return PoolFacts(ads, cycle_s=cycle_s, joined=joined)


def find_joined(found: Iterable[Mapping[str, Any]], admitted: Iterable[str]) -> tuple[str, ...]:
    """The nodes that asked to join, by name: whom the door let in, and who says where it runs."""
    telling = (node_of_machine(str(ad.get("Machine"))) for ad in found if "RoostHost" in ad)
    return tuple(sorted({*admitted, *telling}))


def read_ads(found: list[dict[str, Any]], *, now: float) -> Iterator[Ad]:
    """The ads of condor_status, as far as they matter."""
    for ad in found:
        version = str(ad.get("CondorVersion", "")).split()
        start = ad.get("Start")
        yield Ad(
            kind=str(ad.get("MyType", "")),
            name=str(ad.get("Name", "")),
            machine=str(ad.get("Machine", "")),
            version=version[1] if len(version) > 1 else "",
            address=str(ad.get("MyAddress", "")).partition("?")[0],
            heard_s=now - float(ad.get("LastHeardFrom", now)),
            dynamic=ad.get("SlotType") == "Dynamic",
            state=str(ad.get("State", "")),
            activity=str(ad.get("Activity", "")),
            starts=start if isinstance(start, bool) else None,
        )


def ask(*arguments: str) -> list[dict[str, Any]]:
    """Ads by condor_status, which reads this node's credential as the bindings (23.9.6) do not.

    Raises :class:`UnansweredError`.
    """
    argv = ["condor_status", "-json", *arguments]
    try:
        asked = run_tool(argv, _TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise UnansweredError(f"no answer within {_TIMEOUT_S} s") from None
    if asked.returncode:
        said = " ".join((asked.stderr or asked.stdout).split())
        raise UnansweredError(said or f"condor_status ended with {asked.returncode}")
    ads: list[dict[str, Any]] = json.loads(asked.stdout.strip() or "[]")
    return ads
