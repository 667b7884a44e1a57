"""What the collector's ads say, as samples. Pure.

On the master of all ads, on another node of its own. Sums over the pool are the master's alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from roost.contract import node_of_machine
from roost.node.health.judge import Ad, number
from roost.node.health.metrics import catalog
from roost.node.health.metrics.catalog import Metric, Sample
from roost.node.health.pool import of_type, slots_of
from roost.node.projection import HEALTH_PROJECTION

METRICS_PROJECTION = (
    *HEALTH_PROJECTION,
    "Name", "CondorVersion", "RecentDaemonCoreDutyCycle",
    "SlotType", "Activity", "Cpus", "Memory",
    "TotalIdleJobs", "TotalRunningJobs", "TotalHeldJobs", "TotalRemovedJobs",
    "JobsSubmitted", "JobsStarted", "JobsCompleted", "ShadowsRunning",
    "IdleJobs", "RunningJobs", "HeldJobs",
    "LastNegotiationCycleDuration0", "LastNegotiationCycleMatches0",
    "LastNegotiationCycleRejections0", "LastNegotiationCycleNumIdleJobs0",
    "LastNegotiationCycleCandidateSlots0",
    "TransferQueueNumUploading", "TransferQueueNumDownloading",
    "TransferQueueNumWaitingToUpload", "TransferQueueNumWaitingToDownload",
    "TransferQueueMaxUploading", "TransferQueueMaxDownloading",
    "TransferQueueUploadWaitTime", "TransferQueueDownloadWaitTime",
    "FileTransferUploadBytes", "FileTransferDownloadBytes",
)  # fmt: skip

MOST_USERS = 100
"""With metrics of their own; a pool that many thousands use would drown its Prometheus."""
OTHERS = "(others)"

_DAEMON_OF_TYPE = {
    "DaemonMaster": "MASTER", "Collector": "COLLECTOR", "Negotiator": "NEGOTIATOR",
    "Scheduler": "SCHEDD", "StartD": "STARTD", "Machine": "STARTD", "Slot": "STARTD",
}  # fmt: skip
_MB = 1024 * 1024


def pool_samples(ads: Sequence[Ad]) -> Iterator[Sample]:
    """All that the master knows by the collector's ads, but the nodes' health."""
    yield from daemon_samples(ads)
    yield from slot_samples(slots_of(ads), waiting=_idle_jobs(ads) > 0)
    yield from user_samples(of_type(ads, "Submitter"))
    for ad in of_type(ads, "Scheduler"):
        yield from schedd_samples(ad)
    for ad in of_type(ads, "Negotiator"):
        yield from _numbers(ad, _NEGOTIATOR)


def own_ad_samples(ads: Sequence[Ad]) -> Iterator[Sample]:
    """What a node tells by its own daemon's ads."""
    yield from daemon_samples(ads)
    yield from node_slot_samples(slots_of(ads))
    for ad in of_type(ads, "Scheduler"):
        yield from schedd_samples(ad)


def daemon_samples(ads: Iterable[Ad]) -> Iterator[Sample]:
    """Duty cycle, last sign of life and version of every daemon."""
    for ad in ads:
        daemon = _DAEMON_OF_TYPE.get(str(ad.get("MyType")))
        if daemon is None:
            continue
        labels = (_node(ad), daemon)
        busy = number(ad, "RecentDaemonCoreDutyCycle")
        if busy is not None:
            # A daemon that has just started says more than 1.
            yield Sample(catalog.DAEMON_DUTY_CYCLE, labels, min(busy, 1.0))
        heard = number(ad, "LastHeardFrom")
        if heard is not None:
            yield Sample(catalog.DAEMON_HEARD, labels, heard)


def slot_samples(ads: Sequence[Ad], *, waiting: bool) -> Iterator[Sample]:
    """Slots by state, and those without a job by the reason. ``waiting``: there are idle jobs."""
    states: Counter[tuple[str, ...]] = Counter({("Unclaimed", "Idle"): 0, ("Claimed", "Busy"): 0})
    idle: Counter[str] = Counter(dict.fromkeys(IDLE_REASONS, 0))
    for ad in ads:
        places = places_of(ad)
        states[str(ad.get("State")), str(ad.get("Activity"))] += places
        reason = idle_reason(ad, waiting=waiting)
        if reason:
            idle[reason] += places
    yield from (Sample(catalog.SLOTS, labels, places) for labels, places in states.items())
    yield from (Sample(catalog.SLOTS_IDLE, (reason,), places) for reason, places in idle.items())
    yield from node_slot_samples(ads)


def node_slot_samples(ads: Iterable[Ad]) -> Iterator[Sample]:
    """Slots and memory of each node."""
    places: dict[str, Counter[str]] = {}
    memory: Counter[str] = Counter()
    for ad in ads:
        counts = places.setdefault(_node(ad), Counter(claimed=0, free=0, unavailable=0))
        counts[_NODE_STATE.get(str(ad.get("State")), "unavailable")] += places_of(ad)
        memory[_node(ad)] += int(number(ad, "Memory") or 0) * _MB
    for node, counts in places.items():
        yield Sample(catalog.NODE_OFFERED_MEMORY, (node,), memory[node])
        for state, count in counts.items():
            yield Sample(catalog.NODE_SLOTS, (node, state), count)


_NODE_STATE = {
    "Claimed": "claimed",
    "Preempting": "claimed",
    "Matched": "free",
    "Unclaimed": "free",
}


def places_of(ad: Ad) -> int:
    """For how many jobs of one CPU a slot stands: a partitionable one for its free CPUs."""
    return int(number(ad, "Cpus") or 0) if ad.get("SlotType") == "Partitionable" else 1


IDLE_REASONS = (
    "no_jobs", "no_match", "no_memory", "start_false", "drained", "matched", "claim_idle",
    "preempting", "backfill",
)  # fmt: skip


def idle_reason(ad: Ad, *, waiting: bool) -> str | None:
    """Why a slot runs no job; None for one that does."""
    state, activity = ad.get("State"), ad.get("Activity")
    if state == "Claimed":
        return "claim_idle" if activity == "Idle" else None
    if state != "Unclaimed":
        return _IDLE_BY_STATE.get(str(state))
    if ad.get("Draining") is True:
        return "drained"
    if (number(ad, "Memory") or 0) < 1:
        return "no_memory"
    return "no_match" if waiting else "no_jobs"


_IDLE_BY_STATE = {
    "Owner": "start_false",
    "Drained": "drained",
    "Matched": "matched",
    "Preempting": "preempting",
    "Backfill": "backfill",
}


def user_samples(ads: Iterable[Ad]) -> Iterator[Sample]:
    """Jobs of each user over all queues, of those with most jobs one by one."""
    users: dict[str, Counter[str]] = {}
    for ad in ads:
        counts = users.setdefault(str(ad.get("Name")), Counter(dict.fromkeys(_USER_JOBS, 0)))
        counts.update({state: int(number(ad, name) or 0) for state, name in _USER_JOBS.items()})
    by_jobs = sorted(users.items(), key=lambda item: (-item[1].total(), item[0]))
    shown = by_jobs[:MOST_USERS]
    if by_jobs[MOST_USERS:]:
        shown.append((OTHERS, sum((counts for _, counts in by_jobs[MOST_USERS:]), Counter())))
    for user, counts in shown:
        for state in _USER_JOBS:
            yield Sample(catalog.USER_JOBS, (user, state), counts[state])


_USER_JOBS = {"idle": "IdleJobs", "running": "RunningJobs", "held": "HeldJobs"}


def schedd_samples(ad: Ad) -> Iterator[Sample]:
    """A queue and its transfers."""
    node = _node(ad)
    for state, name in _JOBS.items():
        yield Sample(catalog.JOBS, (node, state), number(ad, name) or 0)
    yield from _numbers(ad, _SCHEDD)
    for direction, one in (("upload", "Upload"), ("download", "Download")):
        for state, name in (("active", f"Num{one}ing"), ("waiting", f"NumWaitingTo{one}")):
            value = number(ad, f"TransferQueue{name}") or 0
            yield Sample(catalog.TRANSFERS, (node, direction, state), value)
        for metric, name in (
            (catalog.TRANSFERS_LIMIT, f"TransferQueueMax{one}ing"),
            (catalog.TRANSFER_WAIT, f"TransferQueue{one}WaitTime"),
            (catalog.TRANSFER_BYTES, f"FileTransfer{one}Bytes"),
        ):
            yield Sample(metric, (node, direction), number(ad, name) or 0)


_JOBS = {
    "idle": "TotalIdleJobs",
    "running": "TotalRunningJobs",
    "held": "TotalHeldJobs",
    "removed": "TotalRemovedJobs",
}
_SCHEDD: Mapping[Metric, str] = {
    catalog.JOBS_SUBMITTED: "JobsSubmitted",
    catalog.JOBS_STARTED: "JobsStarted",
    catalog.JOBS_COMPLETED: "JobsCompleted",
    catalog.SHADOWS: "ShadowsRunning",
}
_NEGOTIATOR: Mapping[Metric, str] = {
    catalog.CYCLE_DURATION: "LastNegotiationCycleDuration0",
    catalog.CYCLE_END: "LastNegotiationCycleEnd0",
    catalog.CYCLE_MATCHES: "LastNegotiationCycleMatches0",
    catalog.CYCLE_REJECTIONS: "LastNegotiationCycleRejections0",
    catalog.CYCLE_IDLE_JOBS: "LastNegotiationCycleNumIdleJobs0",
    catalog.CYCLE_SLOTS: "LastNegotiationCycleCandidateSlots0",
}


def _numbers(ad: Ad, names: Mapping[Metric, str]) -> Iterator[Sample]:
    for metric, name in names.items():
        value = number(ad, name)
        if value is not None:
            yield Sample(metric, (_node(ad),), value)


def _idle_jobs(ads: Iterable[Ad]) -> float:
    return sum(number(ad, "TotalIdleJobs") or 0 for ad in of_type(ads, "Scheduler"))


def _node(ad: Ad) -> str:
    return node_of_machine(str(ad.get("Machine")))
