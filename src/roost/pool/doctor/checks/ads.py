"""The collector's ads: every node's is there, and no other."""

from __future__ import annotations

from collections.abc import Iterator

from roost.contract import Role, node_of_machine
from roost.nodefacts import Ad
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.facts import Facts
from roost.pool.doctor.finding import Finding
from roost.pool.doctor.words import duration, names

STARTING_S = 30.0
_SIGNS = {
    "Negotiator": Role.MASTER,
    "Scheduler": Role.SUBMIT,
    "Machine": Role.EXECUTE,
    "Slot": Role.EXECUTE,
}
_SLOTS = ("Machine", "Slot")


def _ads(facts: Facts) -> tuple[Ad, ...]:
    """What the collector holds of daemons; nothing where it did not answer."""
    ads = facts.collector.ads if facts.collector and not facts.collector.error else ()
    return tuple(ad for ad in ads if ad.kind in (*_SIGNS, "DaemonMaster"))


def check_known(facts: Facts) -> Iterator[Finding]:
    """The collector has an ad of every node's role."""
    if not facts.collector or facts.collector.error:
        return
    known = {
        (_SIGNS[ad.kind], node_of_machine(ad.machine)) for ad in _ads(facts) if ad.kind in _SIGNS
    }
    for node, told in facts.answering:
        if (node.role, node.name) in known:
            continue
        if told.uptime_s < STARTING_S:
            yield Finding(
                Cause.NODE_STARTING,
                seen=f"its container was started {duration(told.uptime_s)} ago",
                mend=f"wait for it: {facts.roost('status --watch')}",
                nodes=(node.name,),
            )
        else:
            yield Finding(
                Cause.NODE_UNKNOWN,
                seen=f"the collector has no ad of {node.name} as {node.role}, which has been running for"
                f" {duration(told.uptime_s)}",
                mend=f"see {facts.roost(f'logs {node.name}')}",
                nodes=(node.name,),
            )


def check_willing(facts: Facts) -> Iterator[Finding]:
    """Executors take jobs."""
    slots: dict[str, list[Ad]] = {}
    for ad in _ads(facts):
        if ad.kind in _SLOTS and not ad.dynamic:
            slots.setdefault(node_of_machine(ad.machine), []).append(ad)
    for node, ads in slots.items():
        draining = [ad for ad in ads if ad.state == "Drained" or ad.activity == "Retiring"]
        if draining:
            slot = draining[0]
            yield Finding(
                Cause.DRAINING,
                seen=f"{slot.name} is {slot.state}/{slot.activity}",
                mend=facts.inside("master", f"condor_drain -cancel {slot.name}"),
                nodes=(node,),
            )
        elif all(ad.starts is False for ad in ads):
            yield Finding(
                Cause.STARTS_NOTHING,
                seen=f"START is false in {names([ad.name for ad in ads])}",
                mend=f"see who sets it: {facts.inside(node, 'condor_config_val -verbose START')}",
                nodes=(node,),
            )


def check_strangers(facts: Facts) -> Iterator[Finding]:
    """No node is heard from two addresses, and none that neither the engine has nor the master let in."""
    heard: dict[str, dict[str, Ad]] = {}
    for ad in _ads(facts):
        heard.setdefault(node_of_machine(ad.machine), {})[_host(ad.address)] = ad
    ours = {node.name for node in facts.nodes}
    ours.update(facts.collector.joined if facts.collector else ())
    for node, addresses in heard.items():
        if len(addresses) > 1:
            ads = (f"{ad.name} from {host}" for host, ad in sorted(addresses.items()))
            mend = "wait: an old ad goes by itself within 15 minutes; if both are alive, rename one"
            yield Finding(Cause.DUPLICATE_AD, seen=", ".join(ads), mend=mend, nodes=(node,))
    if strangers := sorted(heard.keys() - ours):
        yield Finding(
            Cause.FOREIGN_AD,
            seen=f"the engine {facts.engine.name} on {facts.engine.host} has no container of"
            f" {names(strangers)}, and the master let no such node in",
            mend="nothing, where they are yours; else the ads go by themselves within 15 minutes",
            nodes=tuple(strangers),
        )


def _host(address: str) -> str:
    """``172.17.0.3`` of ``<172.17.0.3:9618?addrs=...>``."""
    return address.strip("<>").partition("?")[0].rpartition(":")[0]


def check_versions(facts: Facts) -> Iterator[Finding]:
    """All nodes have the same HTCondor."""
    versions: dict[str, set[str]] = {}
    for ad in _ads(facts):
        if ad.version:
            versions.setdefault(ad.version, set()).add(node_of_machine(ad.machine))
    if len(versions) > 1:
        rarest = min(versions, key=lambda version: (len(versions[version]), version))
        kinds = (
            f"{version} on {names(sorted(where))}" for version, where in sorted(versions.items())
        )
        yield Finding(
            Cause.VERSIONS_DIFFER,
            seen="; ".join(kinds),
            mend=facts.roost("up"),
            nodes=tuple(sorted(versions[rarest])),
        )
