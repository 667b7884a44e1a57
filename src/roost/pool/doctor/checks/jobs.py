"""Jobs that do not run, and why."""

from __future__ import annotations

from collections.abc import Iterator

from roost.condor.holds import hold_in_words
from roost.contract import Role, node_of_machine
from roost.nodefacts import Clause, HeldJobs, IdleJobs, User
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


def check_disconnected(facts: Facts) -> Iterator[Finding]:
    """The shadows of running jobs reach them."""
    for lost in facts.queue.disconnected_jobs if facts.queue else ():
        node = node_of_machine(lost.machine)
        what = f"{lost.count} jobs run" if lost.count > 1 else "it runs"
        again = f"within {duration(lost.left_s)}" if lost.left_s > 0 else "any moment"
        yield Finding(
            Cause.JOB_DISCONNECTED,
            seen=f"{what} on {node}, which has not been heard for at least {duration(lost.silent_s)}; unless"
            f" it comes back, the job{'s' if lost.count > 1 else ''} will start anew elsewhere {again}",
            mend=f"bring {node} or its network back, or wait",
            jobs=lost.jobs,
        )


def check_running(facts: Facts) -> Iterator[Finding]:
    """The schedd may run more jobs."""
    queue = facts.queue
    if (
        queue
        and queue.idle
        and queue.most_running is not None
        and queue.running >= queue.most_running
        and (submit := [node for node in facts.nodes if node.role is Role.SUBMIT])
    ):
        yield Finding(
            Cause.TOO_MANY_RUNNING,
            seen=f"{queue.running} jobs run, MAX_JOBS_RUNNING is {queue.most_running}, and {queue.idle} wait",
            mend=f"raise MAX_JOBS_RUNNING {facts.configured(submit[0], 'htcondor.submit')}",
            nodes=tuple(node.name for node in submit),
        )


def check_idle(facts: Facts) -> Iterator[Finding]:
    """Every idle job can run some time, and waits only for what it should wait for."""
    busy = []
    for idle in facts.queue.idle_jobs if facts.queue else ():
        if not idle.slots:
            continue
        finding = _unmatchable(facts, idle) or _limited(facts, idle)
        if finding is None and not idle.free:
            finding = _others_first(facts, idle)
            busy += [] if finding else [idle]
        finding = finding or _forgotten(facts, idle)
        if finding is not None:
            yield finding
    if busy:
        yield _busy(facts, busy)


def _unmatchable(facts: Facts, idle: IdleJobs) -> Finding | None:
    """No slot and the job are ever content with each other."""
    if not idle.accepts:
        return _no_match(facts, idle)
    if idle.fits:
        return None
    return _about(
        idle,
        Cause.SLOTS_REFUSE,
        f"{idle.accepts} of {idle.slots} slots would do for it, and none of them wants it",
        "see why: " + facts.inside("submit", f"condor_q -better-analyze:reverse {idle.jobs[0]}"),
    )


def _limited(facts: Facts, idle: IdleJobs) -> Finding | None:
    """The negotiator holds back what it could give."""
    mend = "wait, or raise it under [htcondor.master] in the pool file, then " + facts.roost("up")
    mend += " on the host of the master" if facts.away else ""
    if "concurrency limit" in idle.rejection.lower():
        return _about(idle, Cause.CONCURRENCY_LIMIT, idle.rejection, mend)
    for quota in facts.queue.quotas if facts.queue else ():
        if idle.group == quota.group and quota.used >= quota.most and not quota.surplus:
            seen = f"{quota.group} has {quota.used:g} slots, and its quota is {quota.most:g}"
            return _about(idle, Cause.GROUP_QUOTA, seen, mend)
    if idle.free and "submitter limit" in idle.rejection.lower():
        seen = f"{idle.free} slots are free, and the negotiator says: {idle.rejection}"
        return _about(idle, Cause.GROUP_QUOTA, seen, mend)
    return None


def _forgotten(facts: Facts, idle: IdleJobs) -> Finding | None:
    """It could run now, and nothing is known that keeps it from it."""
    if not idle.free or idle.waits_s <= PATIENCE_S:
        return None
    seen = f"{idle.free} slots could take it, and it has waited for {duration(idle.waits_s)}"
    seen += f"; the negotiator's last word: {idle.rejection}" if idle.rejection else ""
    log = facts.inside("master", "tail /var/lib/condor/log/NegotiatorLog")
    return _about(idle, Cause.JOB_WAITS, seen, f"see what it says: {log}")


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


def _others_first(facts: Facts, idle: IdleJobs) -> Finding | None:
    """The fitting slots are all taken by other users."""
    users = facts.queue.users if facts.queue else ()
    others = [user for user in users if user.slots and not _is(user, idle)]
    if not others or any(user.slots and _is(user, idle) for user in users):
        return None
    mine = next((user.priority for user in users if _is(user, idle)), None)
    seen = f"{idle.count} jobs of {idle.owner} wait" if idle.count > 1 else f"a job of {idle.owner}"
    seen += f" (priority {mine:g})" if mine is not None else ""
    seen += "" if idle.count > 1 else " waits"
    who = [f"{user.name} ({user.slots:g} slots, priority {user.priority:g})" for user in others]
    mend = "wait, or change priorities: " + facts.inside(
        "master", f"condor_userprio -setfactor {others[0].name} 10000"
    )
    return _about(idle, Cause.USER_PRIORITY, f"{seen} for the slots of {names(who)}", mend)


def _is(user: User, idle: IdleJobs) -> bool:
    return user.name.partition("@")[0] == idle.owner.partition("@")[0]


def _busy(facts: Facts, waiting: list[IdleJobs]) -> Finding:
    count = sum(idle.count for idle in waiting)
    jobs = "a job waits" if count == 1 else f"{count} jobs wait"
    return Finding(
        Cause.SLOTS_BUSY,
        seen=f"{jobs}, and every slot that fits runs others",
        mend=f"wait, or add executors: {facts.roost('scale N')}",
        jobs=tuple(job for idle in waiting for job in idle.jobs),
    )


def _about(idle: IdleJobs, cause: Cause, seen: str, mend: str) -> Finding:
    return Finding(cause, seen=seen, mend=mend, jobs=idle.jobs)
