"""Where a check draws its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roost import contract
from roost.contract import Role
from roost.engines.protocol import ContainerState
from roost.node.credential import check_token, refuse_expired
from roost.node.say import NodeError
from roost.nodefacts import Clause, Reach, Road, User
from roost.pool.doctor import Cause, Finding
from roost.pool.doctor.checks.containers import cause_of
from roost.pool.doctor.diagnose import conclude
from roost.pool.doctor.facts import Facts
from tests.unit.doctor.pools import (
    DISK,
    GB,
    MEMORY,
    ad,
    container,
    disconnected,
    healthy,
    held,
    waiting,
    with_ads,
    with_container,
    with_daemon,
    with_node,
    with_queue,
)
from tests.unit.doctor.scenarios import EX
from tests.unit.node.test_credential import NOW, write_token


def findings(facts: Facts) -> tuple[Finding, ...]:
    return conclude(facts).findings


def causes(facts: Facts) -> list[Cause]:
    return [finding.cause for finding in findings(facts)]


@pytest.mark.parametrize(
    ("claims", "cause"),
    [
        (None, Cause.TOKEN_MISSING),
        ({"exp": 1.0}, Cause.TOKEN_EXPIRED),
        ({"exp": 1.0, "is_taken": True}, Cause.CLOCK_SKEW),
        ({"iat": NOW + 86_400, "exp": NOW + 90_000}, Cause.CLOCK_SKEW),
        ({"iss": "other.pool"}, Cause.TOKEN_OTHER_POOL),
        ({"mode": 0o644}, Cause.TOKEN_UNREADABLE),
    ],
)
def test_last_words_are_those_of_the_node(
    claims: dict[str, float] | None, cause: Cause, tmp_path: object
) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "token"
    is_taken = bool(claims and claims.pop("is_taken", False))
    if claims is not None:
        write_token(path, **claims)  # type: ignore[arg-type]
    with pytest.raises(NodeError) as ending:
        refuse_expired(check_token(path, now=NOW, pool="lab"), now=NOW, is_taken=lambda: is_taken)
    assert cause_of((str(ending.value),)) is cause


def test_a_node_that_ends_for_its_token_needs_another() -> None:
    log = "2026-05-01T12:00:00.123Z execute-1 roost ERROR - - - no credential: token is missing"
    facts = with_container(healthy(), EX, log, state=ContainerState.RESTARTING, exit_code=1)
    (finding,) = findings(facts)
    assert finding.cause is Cause.TOKEN_MISSING
    assert finding.mend == "`docker stop lab-execute-1 && roost up --pool lab`"


def test_an_ordinary_end_has_no_last_words() -> None:
    log = "no credential: token is missing"
    facts = with_container(healthy(), EX, log, state=ContainerState.EXITED, exit_code=0)
    assert causes(facts) == [Cause.CONTAINER_STOPPED]


def test_a_container_that_runs_between_two_ends() -> None:
    restarted = replace(container(EX), restarts=5)
    facts = with_node(healthy(), EX, container=restarted, uptime_s=1.0, log=("it fell",))
    (finding,) = findings(facts)
    assert finding.cause is Cause.CONTAINER_RESTARTING
    assert "restarted 5 times" in finding.seen
    assert "it fell" in finding.seen
    assert causes(with_node(facts, EX, uptime_s=600.0)) == [], "that was long ago"


def test_a_slow_answer_is_no_wrong_clock() -> None:
    facts = healthy()
    slow = with_node(facts, EX, asked=facts.now - 100, clock=facts.now - 90)
    assert causes(slow) == []


def test_a_disk_of_several_nodes_is_told_once() -> None:
    disk = replace(DISK, free_bytes=GB)
    facts = healthy()
    for node in ("submit", EX):
        facts = with_node(facts, node, disks=(disk,))
    (finding,) = findings(facts)
    assert finding.cause is Cause.DISK_LOW
    assert finding.nodes == ("submit", EX)
    (finding,) = findings(replace(facts, engine=replace(facts.engine, free_bytes=GB)))
    assert finding.cause is Cause.ENGINE_DISK_LOW


def test_a_big_disk_is_not_low_by_its_share_alone() -> None:
    disk = replace(DISK, free_bytes=10 * GB, total_bytes=4000 * GB)
    assert causes(with_node(healthy(), EX, disks=(disk,))) == []


def test_a_daemon_that_ended_once_and_runs_is_well() -> None:
    once = with_daemon(healthy(), EX, "STARTD", exits=1, age_s=5.0)
    often = with_daemon(healthy(), EX, "STARTD", exits=7, age_s=9000.0)
    assert causes(once) == causes(often) == []


def test_a_node_that_waits_for_its_master_has_no_daemons_to_miss() -> None:
    facts = with_daemon(healthy(), EX, "STARTD", alive=False)
    assert causes(with_node(facts, EX, booted=False)) == []


def test_another_slot_of_an_executor_is_no_twin() -> None:
    machine = contract.node_hostname(EX, "lab")
    parts = [
        ad(EX, Role.EXECUTE, name=f"slot1_{n}@{machine}", kind="Slot", dynamic=True, starts=False)
        for n in (1, 2)
    ]
    assert causes(with_ads(healthy(), *parts)) == []


def test_a_young_job_may_wait() -> None:
    facts = with_queue(healthy(), idle=1, idle_jobs=(waiting(waits_s=5.0),))
    assert causes(facts) == []


def test_without_slots_jobs_are_not_to_blame() -> None:
    facts = with_queue(healthy(), idle=1, idle_jobs=(waiting(slots=0, accepts=0, fits=0),))
    assert causes(facts) == []


def test_a_submit_node_that_cannot_ask_for_the_slots() -> None:
    idle = waiting(slots=0, accepts=0, fits=0)
    error = "no answer within 8 s"
    facts = with_queue(healthy(), idle=1, idle_jobs=(idle,), slots_error=error)
    (finding,) = findings(facts)
    assert (finding.cause, finding.nodes) == (Cause.COLLECTOR_SILENT, ("submit",))
    assert finding.seen == f"submit could not ask it for the slots: {error}"
    assert "exec master -- condor_restart -fast -daemon collector" in finding.mend


def test_why_the_slots_cannot_be_asked_for_is_told_once() -> None:
    facts = with_queue(healthy(), slots_error="no answer within 8 s")
    (finding,) = findings(with_ads(facts, error="no answer within 5 s"))
    assert (finding.cause, finding.nodes) == (Cause.COLLECTOR_SILENT, ("master",))
    blocked = Road("lab-master:9618", Reach.SILENT, detail="nothing comes back")
    assert causes(with_node(facts, "submit", road=blocked)) == [Cause.PORT_BLOCKED]
    refused = Road("lab-master:9618", Reach.CONNECTED, refusal="READ failed!")
    assert causes(with_node(facts, "submit", road=refused)) == [Cause.MASTER_REFUSES]


def test_the_requirement_that_fails_and_what_would_match() -> None:
    clauses = (Clause("TARGET.HasFileTransfer", 2), MEMORY)
    job = waiting(accepts=0, fits=0, free=0, clauses=clauses)
    (finding,) = findings(with_queue(healthy(), idle=1, idle_jobs=(job,)))
    assert finding.seen == (
        "it requires TARGET.Memory >= RequestMemory (RequestMemory = 9000),"
        " which none of 2 slots fulfils; they have Memory = 2048"
    )


def test_requirements_that_no_slot_fulfils_together() -> None:
    clauses = (Clause('Arch == "ARM"', 1), Clause("Memory > 9", 1), Clause("Disk > 1", 2))
    job = waiting(accepts=0, fits=0, free=0, clauses=clauses)
    (finding,) = findings(with_queue(healthy(), idle=1, idle_jobs=(job,)))
    assert finding.seen.startswith("no slot fulfils all of it; the rarest: it requires Arch")
    assert "Disk" not in finding.seen


def test_who_is_first() -> None:
    users = (User("bob@lab.pool", 5.0, 2.0), User("ann@lab.pool", 500.0, 0.0))
    facts = with_queue(healthy(), idle=1, idle_jobs=(waiting(free=0),), users=users)
    (finding,) = findings(facts)
    assert finding.cause is Cause.USER_PRIORITY
    assert finding.seen == (
        "a job of ann (priority 500) waits for the slots of bob@lab.pool (2 slots, priority 5)"
    )
    own = (User("bob@lab.pool", 5.0, 1.0), User("ann@lab.pool", 500.0, 1.0))
    assert causes(with_queue(facts, users=own)) == [Cause.SLOTS_BUSY]


def test_many_held_jobs_are_released_by_their_reason() -> None:
    ids = tuple(f"3.{n}" for n in range(5))
    facts = with_queue(healthy(), held_jobs=(held(jobs=ids, count=900),))
    (finding,) = findings(facts)
    assert "900 jobs are on hold" in finding.seen
    assert "condor_release -constraint 'HoldReasonCode == 13'" in finding.mend


def test_jobs_out_of_reach_say_when_they_start_anew() -> None:
    (finding,) = findings(with_queue(healthy(), disconnected_jobs=(disconnected(),)))
    assert finding.seen == (
        "it runs on execute-1, which has not been heard for at least 3 min; unless it comes back, the job"
        " will start anew elsewhere within 37 min"
    )
    assert finding.mend == "bring execute-1 or its network back, or wait"
    many = disconnected(jobs=("4.0", "4.1"), count=2, left_s=-1.0)
    (finding,) = findings(with_queue(healthy(), disconnected_jobs=(many,)))
    assert finding.seen.endswith("the jobs will start anew elsewhere any moment")
