"""What is asked of HTCondor, and what its answers mean; HTCondor's bindings are a stand-in."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from roost.contract import HealthState, Role
from roost.node.health.intervals import Intervals, read_intervals
from roost.node.health.look import COLLECTOR_EVERY_S, Looker
from roost.node.settings import Address, NodeSettings

SLOT = {"MyType": "Machine", "State": "Unclaimed", "LastHeardFrom": 1}


class FakeCondor:
    """``htcondor2`` with one daemon and one collector. An answer of None is none."""

    def __init__(self) -> None:
        self.own: list[dict[str, Any]] | None = [SLOT]
        self.held: list[dict[str, Any]] | None = [SLOT]
        self.asked: list[str] = []
        self.constraint: str | None = None
        self.param: dict[str, str] = {}
        self.AdType = SimpleNamespace(Any="Any", Startd="Startd", Schedd="Schedd")
        self.DaemonType = SimpleNamespace(Startd="Startd", Schedd="Schedd")
        condor = self

        class Collector:
            def __init__(self, place: object = None) -> None:
                self.place = place

            def locate(self, kind: str) -> object:
                return kind

            def query(self, kind: str, **asked: Any) -> list[dict[str, Any]]:
                condor.asked.append("own" if self.place else "collector")
                condor.constraint = asked.get("constraint")
                answer = condor.own if self.place else condor.held
                if answer is None:
                    raise RuntimeError("no answer")
                return answer

        self.Collector = Collector


@pytest.fixture
def condor(monkeypatch: pytest.MonkeyPatch) -> FakeCondor:
    fake = FakeCondor()
    monkeypatch.setitem(sys.modules, "htcondor2", fake)
    return fake


def looker(role: Role, node: str = "execute-1") -> Looker:
    return Looker(NodeSettings(role, node, "lab", Address("lab-master")), Intervals())


def said(looker: Looker, now: float, *, thorough: bool = False) -> list[tuple[HealthState, str]]:
    return [(one.state, one.reason) for one in looker.look(now, thorough=thorough).findings]


def test_an_executor_that_does_its_work(condor: FakeCondor) -> None:
    assert said(looker(Role.EXECUTE), 100) == []
    assert condor.constraint == 'Machine == "execute-1.lab.pool"', "of itself alone"
    assert condor.param["SEC_TOKEN_DIRECTORY"] == "/var/lib/condor/tokens"


def test_a_daemon_that_does_not_answer(condor: FakeCondor) -> None:
    condor.own = None
    assert said(looker(Role.SUBMIT), 100) == [(HealthState.UNHEALTHY, "the SCHEDD does not answer")]
    assert condor.asked == ["own"]


def test_a_collector_that_does_not_answer_or_does_not_know(condor: FakeCondor) -> None:
    condor.held = None
    assert said(looker(Role.EXECUTE), 100) == [
        (HealthState.DEGRADED, "the master's collector at lab-master:9618 does not answer")
    ]
    condor.held = []
    assert said(looker(Role.EXECUTE), 100) == [
        (HealthState.UNHEALTHY, "the collector does not know this node's STARTD")
    ]


def test_the_collector_is_asked_now_and_then(condor: FakeCondor) -> None:
    one = looker(Role.EXECUTE)
    for now in (100, 115, 130, 100 + COLLECTOR_EVERY_S):
        said(one, now)
    assert condor.asked.count("collector") == 2
    said(one, 101 + COLLECTOR_EVERY_S, thorough=True)
    assert condor.asked.count("collector") == 3


def test_slots_that_only_the_collector_still_has(condor: FakeCondor) -> None:
    one = looker(Role.EXECUTE)
    gone = {**SLOT, "Name": "slot1_2@execute-1.lab.pool", "LastHeardFrom": 100}
    late = {**SLOT, "Name": "slot1_3@execute-1.lab.pool", "LastHeardFrom": 990}
    startd = {**SLOT, "Name": "execute-1.lab.pool", "LastHeardFrom": 100}
    condor.held = [{**SLOT, "LastHeardFrom": 1000}, gone, late, startd]
    assert one.look(1000, thorough=False).ghosts == ("slot1_2@execute-1.lab.pool",)
    assert one.look(1001, thorough=False).ghosts == (), "they are told once for each question"


def test_an_ad_that_is_not_renewed_is_noticed_whatever_the_clocks_say(condor: FakeCondor) -> None:
    one = looker(Role.EXECUTE)
    assert said(one, 90_000) == []
    condor.held = [{**SLOT, "LastHeardFrom": 2}]
    said(one, 90_060)
    assert said(one, 90_180) == [
        (HealthState.UNHEALTHY, "the collector has not heard of this node's STARTD for 2 min")
    ]


@pytest.mark.parametrize(
    ("off_s", "told"),
    [
        (0, None),
        (-280, None),
        (280, None),
        (86_400, "this node's clock is 24 h ahead of its master's: one of them is wrong"),
        (-86_400, "this node's clock is 24 h behind its master's: one of them is wrong"),
    ],
)
def test_a_clock_that_is_wrong_is_told_in_words(
    condor: FakeCondor, off_s: float, told: str | None
) -> None:
    one = looker(Role.EXECUTE)
    true = 1_800_000_000
    for look in range(3):
        condor.held = [{**SLOT, "LastHeardFrom": true + 60 * look - 10}]
        found = said(one, true + 60 * look + off_s)
    assert [state for state, _ in found] == ([HealthState.DEGRADED] if told else [])
    assert all(told and told in reason for _, reason in found)


def test_the_master_looks_at_the_whole_pool(condor: FakeCondor) -> None:
    master = looker(Role.MASTER, "master")
    assert said(master, 100) == [
        (HealthState.UNHEALTHY, "the collector does not know a negotiator: no job is matched")
    ]
    condor.held = [SLOT, {"MyType": "Negotiator", "LastNegotiationCycleEnd0": 99}]
    seen = master.look(100, thorough=False)
    assert (len(seen.ads), seen.findings) == (2, ())
    condor.held = None
    assert said(master, 100) == [(HealthState.UNHEALTHY, "the COLLECTOR does not answer")]
    assert condor.constraint is None


def test_intervals_are_the_operator_s(condor: FakeCondor) -> None:
    assert read_intervals() == Intervals()
    condor.param.update(
        UPDATE_INTERVAL="300",
        NEGOTIATOR_INTERVAL="60",
        MASTER_BACKOFF_CONSTANT="x",
        MASTER_BACKOFF_CEILING="3600",
    )
    assert read_intervals() == Intervals(update_s=300, negotiator_s=60, backoff_ceiling_s=3600)
