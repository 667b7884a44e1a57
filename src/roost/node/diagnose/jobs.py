"""``roost-node diagnose-jobs`` on the submit node: what the queue holds, and what idle jobs wait for."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from roost.jobreach import DISCONNECTED, disconnected_since
from roost.node.bindings import failures
from roost.node.diagnose.node import end_by_itself
from roost.node.diagnose.pool import UnansweredError, ask
from roost.node.diagnose.slots import Slots, SlotsError, find_slots
from roost.node.diagnose.tool import run_tool
from roost.node.jobs.ads import job_name
from roost.nodefacts import DisconnectedJobs, HeldJobs, IdleJobs, JobFacts, Quota, User

_IDLE, _RUNNING, _HELD, _TRANSFERRING = 1, 2, 5, 6
_KINDS = (
    *(
        "Owner",
        "AccountingGroup",
        "AcctGroup",
        "ConcurrencyLimits",
        "Requirements",
        "RequestCpus",
        "RequestMemory",
    ),
    *("RequestDisk", "RequestGPUs"),
)
"""Jobs that are alike in these wait for the same."""
_PROJECTION = (
    *("ClusterId", "ProcId", "JobStatus", "JobUniverse", "EnteredCurrentStatus", "QDate"),
    *("HoldReason", "HoldReasonCode", "LastRejMatchReason", "LastRejMatchTime", *_KINDS),
    *("RemoteHost", "JobLeaseDuration", *DISCONNECTED),
)
_MOST_JOBS = 20_000
_MOST_KINDS = 10
_SHOWN = 5
_TIMEOUT_S = 5
_LOCAL_UNIVERSES = (7, 12)
"""Scheduler and local: they run on the submit node itself."""


def diagnose_jobs(_arguments: list[str]) -> int:
    """Print :class:`roost.nodefacts.JobFacts`."""
    end_by_itself()
    json.dump(asdict(_look()), sys.stdout)
    return 0


def _look() -> JobFacts:
    import htcondor2

    if silence := _silence():
        return JobFacts(error=silence)
    try:
        jobs = htcondor2.Schedd().query(
            constraint="true", projection=list(_PROJECTION), limit=_MOST_JOBS
        )
    except failures() as error:
        return JobFacts(error=" ".join(str(error).split()) or "it does not answer")
    states = Counter(job["JobStatus"] for job in jobs)
    idle = [
        job
        for job in jobs
        if job["JobStatus"] == _IDLE and job.get("JobUniverse") not in _LOCAL_UNIVERSES
    ]
    slots, slots_error = _slots() if idle else (Slots(), "")
    accounts = _accounts() if idle else []
    return JobFacts(
        idle=states[_IDLE],
        running=states[_RUNNING] + states[_TRANSFERRING],
        held=states[_HELD],
        most_running=_most_running(),
        idle_jobs=_waiting(idle, slots, time.time()),
        held_jobs=group_held([job for job in jobs if job["JobStatus"] == _HELD]),
        disconnected_jobs=group_disconnected(
            [job for job in jobs if job["JobStatus"] == _RUNNING], time.time()
        ),
        slots_error=slots_error,
        users=read_users(accounts, slots.users),
        quotas=tuple(read_quotas(accounts)),
    )


def _silence() -> str:
    """Why the schedd does not answer; empty where it does. The bindings would wait for ever."""
    try:
        asked = run_tool(["condor_ping", "-verbose", "-type", "SCHEDD", "READ"], _TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return f"no answer within {_TIMEOUT_S} s"
    said = " ".join((asked.stderr + asked.stdout).split())
    return (said or "it gives no reason") if asked.returncode else ""


def _slots() -> tuple[Slots, str]:
    try:
        return find_slots(), ""
    except SlotsError as error:
        return Slots(), str(error)


def _waiting(idle: Sequence[Any], slots: Slots, now: float) -> tuple[IdleJobs, ...]:
    """One of each kind of idle jobs, tried on the slots."""
    kinds: dict[str, list[Any]] = {}
    for job in idle:
        kinds.setdefault(str([str(job.get(name)) for name in _KINDS]), []).append(job)
    return tuple(_about(alike, slots, now) for alike in list(kinds.values())[:_MOST_KINDS])


def _about(alike: list[Any], slots: Slots, now: float) -> IdleJobs:
    import htcondor2

    first = alike[0]
    this = f"ClusterId == {first['ClusterId']} && ProcId == {first['ProcId']}"
    job = next(iter(htcondor2.Schedd().query(constraint=this)), first)
    accepts = slots.accepting(job)
    fits = slots.fitting(job) if accepts else 0
    last = max(alike, key=lambda one: int(one.get("LastRejMatchTime", 0)))
    return IdleJobs(
        jobs=tuple(job_name(one) for one in alike[:_SHOWN]),
        count=len(alike),
        owner=str(first.get("AccountingGroup") or first.get("Owner", "")),
        waits_s=now - min(float(one.get("EnteredCurrentStatus", now)) for one in alike),
        slots=len(slots.whole),
        fits=fits,
        accepts=accepts,
        free=slots.free_for(job) if fits else 0,
        rejection=str(last.get("LastRejMatchReason", "")).strip(),
        group=str(first.get("AcctGroup", "")),
        limits=str(first.get("ConcurrencyLimits", "")),
        clauses=slots.clauses(job) if slots.whole and not accepts else (),
    )


def group_held(held: Sequence[Any]) -> tuple[HeldJobs, ...]:
    """Jobs on hold by their reason. Reasons that differ in names alone are told by their first."""
    groups: dict[tuple[int, str], list[Any]] = {}
    for job in held:
        code, reason = int(job.get("HoldReasonCode", 0)), str(job.get("HoldReason", ""))
        groups.setdefault((code, _shape(reason)), []).append(job)
    return tuple(
        HeldJobs(
            jobs=tuple(job_name(job) for job in jobs[:_SHOWN]),
            count=len(jobs),
            code=code,
            reason=" ".join(str(jobs[0].get("HoldReason", "no reason given")).split()),
        )
        for (code, _), jobs in groups.items()
    )


def group_disconnected(running: Sequence[Any], now: float) -> tuple[DisconnectedJobs, ...]:
    """The running jobs that are out of reach, by their executor."""
    groups: dict[str, list[tuple[Any, float]]] = {}
    for job in running:
        since = disconnected_since(job)
        if since is not None:
            machine = str(job.get("RemoteHost", "")).rpartition("@")[2]
            groups.setdefault(machine, []).append((job, now - since))
    return tuple(
        DisconnectedJobs(
            jobs=tuple(job_name(job) for job, _ in jobs[:_SHOWN]),
            count=len(jobs),
            machine=machine,
            silent_s=max(silent_s for _, silent_s in jobs),
            left_s=min(float(job.get("JobLeaseDuration", 0)) - silent_s for job, silent_s in jobs),
        )
        for machine, jobs in groups.items()
    )


def _shape(reason: str) -> str:
    """What reasons have in common that tell the same of different jobs."""
    return "".join("#" if letter.isdigit() else letter for letter in reason)


def _accounts() -> list[dict[str, Any]]:
    """The negotiator's accounts of users and of groups; none where they cannot be had."""
    attributes = (
        "Name,Priority,IsAccountingGroup,EffectiveQuota,WeightedResourcesUsed,SurplusPolicy"
    )
    try:
        return ask("-any", "-constraint", 'MyType == "Accounting"', "-attributes", attributes)
    except UnansweredError:
        return []


def read_users(accounts: Sequence[dict[str, Any]], slots: Mapping[str, int]) -> tuple[User, ...]:
    """Who has slots or had some, with the priorities that the negotiator goes by."""
    priorities = {
        str(ad.get("Name")): float(ad.get("Priority", 0))
        for ad in accounts
        if not ad.get("IsAccountingGroup")
    }
    names = dict.fromkeys([*slots, *priorities])
    return tuple(User(name, priorities.get(name, 0.0), slots.get(name, 0)) for name in names)


def read_quotas(accounts: Sequence[dict[str, Any]]) -> Iterator[Quota]:
    """The groups that have a quota; the group of those without a group has none of its own."""
    for ad in accounts:
        if ad.get("IsAccountingGroup") and ad.get("Name") != "<none>" and "EffectiveQuota" in ad:
            yield Quota(
                group=str(ad["Name"]),
                most=float(ad["EffectiveQuota"]),
                used=float(ad.get("WeightedResourcesUsed", 0)),
                surplus=ad.get("SurplusPolicy") != "no",
            )


def _most_running() -> int | None:
    argv = ["condor_config_val", "MAX_JOBS_RUNNING"]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False)
    text = asked.stdout.strip()
    return int(text) if text.isdecimal() else None
