"""What another finding explains is not told beside it."""

from __future__ import annotations

from dataclasses import replace

from roost.engines.protocol import ContainerState
from roost.nodefacts import Reach, Road
from roost.pool.doctor import Cause
from roost.pool.doctor.diagnose import conclude
from roost.pool.doctor.facts import Facts
from tests.unit.doctor.pools import (
    healthy,
    waiting,
    with_ads,
    with_container,
    with_daemon,
    with_node,
    with_queue,
)
from tests.unit.doctor.scenarios import EX, SCENARIOS


def causes(facts: Facts) -> list[Cause]:
    return [finding.cause for finding in conclude(facts).findings]


def test_a_dead_master_is_the_one_cause() -> None:
    facts = with_container(healthy(), "master", "killed", state=ContainerState.EXITED)
    facts = replace(facts, collector=None)
    for node in ("submit", EX, "execute-2"):
        facts = with_node(facts, node, road=Road("lab-master:9618", Reach.UNRESOLVED, "no name"))
    facts = with_queue(facts, idle=1, idle_jobs=(waiting(),))
    assert causes(facts) == [Cause.CONTAINER_STOPPED]


def test_a_node_that_cannot_reach_the_master_is_not_told_to_be_unknown() -> None:
    facts = SCENARIOS[Cause.PORT_BLOCKED][0](healthy())
    facts = with_node(facts, EX, health="unhealthy")
    assert causes(with_ads(facts, without=EX)) == [Cause.PORT_BLOCKED]


def test_a_bad_token_explains_that_it_is_refused() -> None:
    facts = SCENARIOS[Cause.TOKEN_EXPIRED][0](healthy())
    road = Road("lab-master:9618", Reach.CONNECTED, refusal="READ failed!")
    assert causes(with_node(facts, EX, road=road)) == [Cause.TOKEN_EXPIRED]


def test_a_negotiator_that_is_off_explains_that_jobs_wait() -> None:
    facts = with_daemon(healthy(), "master", "NEGOTIATOR", alive=False)
    facts = with_queue(facts, idle=1, idle_jobs=(waiting(),))
    assert causes(facts) == [Cause.DAEMON_DOWN]


def test_what_is_wrong_with_another_node_explains_nothing() -> None:
    facts = SCENARIOS[Cause.TOKEN_EXPIRED][0](healthy())
    assert causes(with_ads(facts, without="execute-2")) == [
        Cause.TOKEN_EXPIRED,
        Cause.NODE_UNKNOWN,
    ]
