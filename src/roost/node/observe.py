"""What the collector's ads say of the whole pool. Pure; the host makes a status of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from roost.contract import ReachedBy, Role, node_of_machine
from roost.node.health.intervals import Intervals
from roost.node.health.pool import view_nodes
from roost.node.projection import JOB_COUNTS, LIMITS
from roost.node.readiness import SIGN_OF_LIFE, nodes_known

_ROLE_OF_DAEMON = {
    "NEGOTIATOR": Role.MASTER,
    "SCHEDD": Role.SUBMIT,
    "STARTD": Role.EXECUTE,
}
"""Whose start time condor_master tells."""


def health_of(
    ads: Iterable[Mapping[str, Any]], now: float, intervals: Intervals
) -> dict[str, dict[str, Any]]:
    """``{node: {"state", "reasons"}}`` of every node that the collector knows, by its ads."""
    return {
        node: {"state": view.verdict.state.value, "reasons": list(view.verdict.reasons)}
        for node, view in view_nodes(ads, now, intervals).items()
    }


def places_of(
    ads: Iterable[Mapping[str, Any]], admitted: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """``{node: {"role", "host", "address", "reach", "joined"}}`` of every node that the collector knows:
    where it runs and how it is reached.

    ``joined`` tells nodes that asked to join from those that ``up`` made. ``host`` is what such a node says
    itself, or else the address from which it asked; None where neither is known.
    """
    places: dict[str, dict[str, Any]] = {}
    for ad in ads:
        role = _role_of(ad)
        if role is None:
            continue
        node = node_of_machine(str(ad.get("Machine")))
        address, reach = parse_address(str(ad.get("MyAddress", "")))
        places[node] = {
            "role": role.value,
            "host": ad.get("RoostHost") or admitted.get(node, {}).get("from") or None,
            "address": address,
            "reach": reach.value,
            "joined": node in admitted or "RoostHost" in ad,
        }
    return places


def _role_of(ad: Mapping[str, Any]) -> Role | None:
    """The role of a node by one of its daemons' ads: of a node that has just come, the one of its
    condor_master may be missing, and of one whose daemon is down, all others."""
    if ad.get("MyType") != "DaemonMaster":
        return SIGN_OF_LIFE.get(str(ad.get("MyType")))
    return next((role for name, role in _ROLE_OF_DAEMON.items() if f"{name}_StartTime" in ad), None)


def parse_address(sinful: str) -> tuple[str | None, ReachedBy]:
    """The IP address in HTCondor's address of a daemon, such as ``<10.0.0.5:9618?CCBID=…&noUDP>``, and
    how others reach it."""
    host, _, parameters = sinful.strip("<>").partition("?")
    names = {parameter.partition("=")[0] for parameter in parameters.split("&")}
    reach = ReachedBy.MASTER if "CCBID" in names else ReachedBy.ADDRESS
    return host.rpartition(":")[0].strip("[]") or None, reach


def summarize(ads: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``{"ready": ["role:node"…], "versions": {node: version}, "slots": {…}, "jobs": {…},
    "limits": {node: {"memory", "cpus", "private_tmp"}}}``.

    A slot is a place for a job of one CPU: each claimed dynamic slot, and each CPU of a partitionable one
    that none of those has. The partitionable one tells later than they do that it has one back.
    """
    ads = list(ads)
    versions = {}
    limits = {}
    jobs: Counter[str] = Counter(dict.fromkeys(JOB_COUNTS, 0))
    claimed = 0
    free: Counter[str] = Counter()
    for ad in ads:
        kind = ad.get("MyType")
        if kind in ("DaemonMaster", "Negotiator", "Scheduler", "Machine", "Slot"):
            version = str(ad.get("CondorVersion", "")).split()
            if len(version) > 1:
                versions[node_of_machine(str(ad.get("Machine")))] = version[1]
        if kind == "Scheduler":
            jobs.update({count: int(ad.get(name, 0)) for count, name in JOB_COUNTS.items()})
        if kind in ("Machine", "Slot"):
            if ad.get("SlotType") == "Partitionable":
                node = node_of_machine(str(ad.get("Machine")))
                limits[node] = {key: ad.get(name) for key, name in LIMITS.items()}
                free[node] += int(ad.get("TotalSlotCpus", 0))
            elif ad.get("State") == "Claimed":
                claimed += 1
                free[node_of_machine(str(ad.get("Machine")))] -= int(ad.get("Cpus", 0))
    unclaimed = sum(max(0, cpus) for cpus in free.values())
    return {
        "ready": sorted(nodes_known(ads)),
        "versions": versions,
        "slots": {"total": claimed + unclaimed, "claimed": claimed, "unclaimed": unclaimed},
        "jobs": dict(jobs),
        "limits": limits,
    }
