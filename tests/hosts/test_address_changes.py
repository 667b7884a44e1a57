"""Every container stops and comes back with another address, in any order, while jobs are in the queue."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from roost.waiting import wait_for
from tests.hosts.host import Host
from tests.hosts.jobs import PATIENCE_S
from tests.hosts.moving import ROLES, MovingPool, Run

WHOLE_WITHIN_S = 60.0
JOBS = 30
WORK = f"""
executable = /bin/sleep
transfer_executable = false
arguments = 5
queue {JOBS}
"""


@pytest.fixture
def pool(cleared: list[Host]) -> MovingPool:
    made = MovingPool(cleared[0], random.Random(8))
    made.make()
    return made


def all_at_once(pool: MovingPool) -> None:
    """Everything stops, and then starts in any order: nodes may be there before their master."""
    pool.stop(list(ROLES))
    pool.start(shuffled(pool))


def one_by_one(pool: MovingPool) -> None:
    """Each stops and starts while the others go on."""
    for node in shuffled(pool):
        pool.stop([node])
        pool.start([node])


def without_a_word(pool: MovingPool) -> None:
    """All but the master end as by a power cut, so that what the collector holds of them stays."""
    nodes = [node for node in shuffled(pool) if node != "master"]
    pool.crash(nodes)
    pool.start(nodes)


def shuffled(pool: MovingPool) -> list[str]:
    return pool.chance.sample(list(ROLES), len(ROLES))


ROUNDS: tuple[Callable[[MovingPool], None], ...] = (
    all_at_once,
    one_by_one,
    without_a_word,
    all_at_once,
    one_by_one,
)


def test_the_pool_is_whole_after_each_change_and_no_job_is_lost(pool: MovingPool) -> None:
    pool.submit(WORK)
    every = set(pool.jobs())
    assert len(every) == JOBS
    for change in ROUNDS:
        if len(pool.jobs()) < JOBS // 2:
            pool.submit(WORK)
            every |= set(pool.jobs())
        wait_for("a job runs", lambda: pool.jobs("JobStatus == 2") or None, timeout_s=PATIENCE_S)
        change(pool)
        wait_for(
            f"the pool is whole after {change.__name__}",
            pool.is_whole,
            timeout_s=WHOLE_WITHIN_S,
            last_seen=pool.state,
        )

    def all_ended() -> set[Run] | None:
        runs = pool.runs()
        return runs if {run.job for run in runs} >= every else None

    # A busy machine's schedd and negotiator may take a minute or two until they match again.
    runs = wait_for("all jobs end", all_ended, timeout_s=3 * PATIENCE_S, last_seen=pool.state)
    assert Counter(run.job for run in runs) == dict.fromkeys(every, 1), "each has ended once"
    assert {run.exit_code for run in runs} == {"0"}
