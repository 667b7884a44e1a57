"""Jobs that do not run, and why."""

from __future__ import annotations

from collections.abc import Iterator

from roost.condor.holds import hold_in_words
from roost.nodefacts import Clause, HeldJobs, IdleJobs
from roost.pool.doctor.causes import Cause
from roost.pool.doctor.facts import Facts
from roost.pool.doctor.finding import Finding
from roost.pool.doctor.words import duration, names

PATIENCE_S = 60.0
"""How long a job that fits may wait for the negotiator before anything is wrong."""


def check_held(facts: Facts) -> Iterator[Finding]:
    """No job is on hold."""
    for held in facts.queue.held_jobs if facts.queue else ():
        what = f"{held.count} jobs are" if held.count > 1 else "it is"
        yield Finding(
            Cause.JOB_HELD,
            seen=f"{what} on hold: {held.reason} ({hold_in_words(held.code)})",
            mend=_release(facts, held),
            jobs=held.jobs,
        )


def _release(facts: Facts, held: HeldJobs) -> str:
    ids = " ".join(held.jobs)
    if held.count > len(held.jobs):
        ids = f"-constraint 'HoldReasonCode == {held.code}'"
    release = facts.inside("submit", f"condor_release {ids}")
    remove = facts.roost(f"rm {held.jobs[0]}")
    return f"mend that, then {release}; or give it up: {remove}"


def check_running(facts: Facts) -> Iterator[Finding]:
    """The schedd may run more jobs."""
    queue = facts.queue
    if (
        queue
        and queue.idle
        and queue.most_running is not None
        and queue.running >= queue.most_running
    ):
        yield Finding(
            Cause.TOO_MANY_RUNNING,
            seen=f"{queue.running} jobs run, MAX_JOBS_RUNNING is {queue.most_running}, and {queue.idle} wait",
            mend="raise MAX_JOBS_RUNNING under [htcondor.submit] in the pool file, then "
            + facts.roost("up"),
            nodes=tuple(node.name for node in facts.nodes if node.role == "submit"),
        )


def check_idle(facts: Facts) -> Iterator[Finding]:
    """Every idle job can run some time, and waits only for what it should wait for."""
    for idle in facts.queue.idle_jobs if facts.queue else ():
        finding = _explain(facts, idle) if idle.slots else None
        if finding is not None:
            yield finding


def _explain(facts: Facts, idle: IdleJobs) -> Finding | None:
    if not idle.accepts:
        return _no_match(facts, idle)
    if not idle.fits:
        return _about(
            idle,
            Cause.SLOTS_REFUSE,
            f"{idle.accepts} of {idle.slots} slots would do for it, and none of them wants it",
            "see why: "
            + facts.inside("submit", f"condor_q -better-analyze:reverse {idle.jobs[0]}"),
        )
    said = idle.rejection.lower()
    if "concurrency limit" in said:
        mend = "wait, or raise the limit under [htcondor.master] in the pool file, then "
        return _about(idle, Cause.CONCURRENCY_LIMIT, idle.rejection, mend + facts.roost("up"))
    if idle.free and "submitter limit" in said:
        group = f"; its group is {idle.group}" if idle.group else ""
        mend = "wait, or raise the quota under [htcondor.master] in the pool file, then "
        seen = f"{idle.rejection}, though {idle.free} slots are free{group}"
        return _about(idle, Cause.GROUP_QUOTA, seen, mend + facts.roost("up"))
    if not idle.free:
        return _busy(facts, idle)
    if idle.waits_s > PATIENCE_S:
        seen = f"{idle.free} slots could take it, and it has waited for {duration(idle.waits_s)}"
        seen += f"; the negotiator's last word: {idle.rejection}" if idle.rejection else ""
        log = facts.inside("master", "tail /var/lib/condor/log/NegotiatorLog")
        return _about(idle, Cause.JOB_WAITS, seen, f"see what it says: {log}")
    return None


def _no_match(facts: Facts, idle: IdleJobs) -> Finding:
    none = [clause for clause in idle.clauses if not clause.fits]
    worst = none or sorted(idle.clauses, key=lambda clause: clause.fits)[:2]
    together = "" if none else "no slot fulfils all of it; the rarest: "
    seen = together + "; ".join(_requirement(clause, idle.slots) for clause in worst)
    edit = facts.inside("submit", f"condor_qedit {idle.jobs[0]} ATTRIBUTE VALUE")
    return _about(
        idle,
        Cause.NO_SLOT_MATCHES,
        seen or f"none of {idle.slots} slots fulfils its requirements",
        f"ask for less ({edit}, or submit it anew), or give the pool an executor that fits",
    )


def _requirement(clause: Clause, slots: int) -> str:
    asks = ", ".join(f"{name} = {value}" for name, value in clause.job)
    offers = ", ".join(f"{name} = {value}" for name, value in clause.slots)
    text = f"it requires {clause.text}" + (f" ({asks})" if asks else "")
    text += (
        f", which {clause.fits or 'none'} of {slots} slots fulfil{'s' if clause.fits < 2 else ''}"
    )
    return text + (f"; they have {offers}" if offers else "")


def _busy(facts: Facts, idle: IdleJobs) -> Finding | None:
    """The fitting slots are taken: by whom?"""
    users = facts.queue.users if facts.queue else ()
    others = [user for user in users if user.slots and user.name.partition("@")[0] != idle.owner]
    own = [user for user in users if user.slots and user.name.partition("@")[0] == idle.owner]
    if others and not own:
        who = (f"{user.name} ({user.slots:g} slots, priority {user.priority:g})" for user in others)
        mine = next((u.priority for u in users if u.name.partition("@")[0] == idle.owner), None)
        seen = f"{idle.count} jobs of {idle.owner}" if idle.count > 1 else f"a job of {idle.owner}"
        seen += f" (priority {mine:g})" if mine is not None else ""
        seen += f" waits for the slots of {names(list(who))}"
        mend = "wait, or change priorities: " + facts.inside(
            "master", f"condor_userprio -setfactor {others[0].name} 10000"
        )
        return _about(idle, Cause.USER_PRIORITY, seen, mend)
    seen = f"{idle.count} wait for {idle.fits} slots that fit and are busy"
    return _about(idle, Cause.SLOTS_BUSY, seen, f"wait, or add executors: {facts.roost('up -n N')}")


def _about(idle: IdleJobs, cause: Cause, seen: str, mend: str) -> Finding:
    return Finding(cause, seen=seen, mend=mend, jobs=idle.jobs)
