"""The node's health through time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from roost.contract import Role
from roost.node.health.daemons import Daemon
from roost.node.health.findings import degraded, unhealthy
from roost.node.health.keeper import START_LIMIT_S, Keeper, Pace
from roost.node.health.look import Seen
from roost.node.settings import Address, NodeSettings

SETTINGS = NodeSettings(Role.SUBMIT, "submit", "lab", Address("192.0.2.1"))
PORT = Daemon("SHARED_PORT", 11, 0.0)
SCHEDD = Daemon("SCHEDD", 12, 0.0)


@dataclass
class FakeWatch:
    """Daemons as the test says."""

    daemons: dict[str, Daemon] = field(default_factory=dict)
    changed: bool = False

    def look(self, now: float) -> bool:
        changed, self.changed = self.changed, False
        return changed

    def set(self, *daemons: Daemon) -> None:
        self.daemons = {one.name: one for one in daemons}
        self.changed = True


@dataclass
class FakeLooker:
    """HTCondor as the test says; remembers when it was asked."""

    seen: Seen = field(default_factory=Seen)
    looks: list[float] = field(default_factory=list)

    def look(self, now: float, *, thorough: bool) -> Seen:
        self.looks.append(now)
        return self.seen


@dataclass
class Bench:
    keeper: Keeper
    watch: FakeWatch
    looker: FakeLooker
    file: Path

    def step(self, now: float, problem: str | None = None) -> str:
        self.keeper.step(now, problem)
        told = self.told()
        return f"{told['state']}: {'; '.join(told['reasons'])}"

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.file.read_text())
        return told


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    watch, looker = FakeWatch(), FakeLooker()
    watch.set(PORT, SCHEDD)
    file = tmp_path / "health.json"
    keeper = Keeper(
        SETTINGS, watch, 0.0, looker=looker, health_file=file, metrics_file=tmp_path / "metrics"
    )
    return Bench(keeper, watch, looker, file)


def test_what_the_file_says(bench: Bench) -> None:
    assert bench.step(100.0) == "healthy: "
    assert bench.told() == {
        "node": "submit",
        "role": "submit",
        "state": "healthy",
        "reasons": [],
        "since": 100.0,
        "checked": 100.0,
        "daemons": {
            "SHARED_PORT": {"up": True, "restarts": 0},
            "SCHEDD": {"up": True, "restarts": 0},
        },
    }
    assert bench.file.stat().st_mode & 0o777 == 0o644


def test_a_file_that_cannot_be_written_ends_nothing(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = bench.file.with_suffix(".new")
    blocked.mkdir()
    for now in (1.0, 2.0):
        bench.keeper.step(now)
    assert not bench.file.exists()
    assert capsys.readouterr().out.count("Is a directory") == 1
    blocked.rmdir()
    assert bench.step(100.0) == "healthy: "


def test_a_node_starts_before_it_can_fail(bench: Bench) -> None:
    bench.looker.seen = Seen(findings=(unhealthy("no answer"),))
    assert bench.step(1.0) == "starting: no answer"
    assert bench.step(START_LIMIT_S + 20) == "unhealthy: no answer"
    bench.looker.seen = Seen()
    assert bench.step(START_LIMIT_S + 60) == "healthy: "
    bench.looker.seen = Seen(findings=(unhealthy("no answer"),))
    assert bench.step(START_LIMIT_S + 120) == "unhealthy: no answer"


def test_a_killed_daemon_is_seen_through(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.step(100.0) == "healthy: "
    bench.watch.set(PORT, Daemon("SCHEDD", 12, 0.0, ended=101.0))
    again = "condor_master starts it again in about"
    assert bench.step(101.0) == f"degraded: the SCHEDD ended 0 s ago; {again} 10 s"
    assert bench.step(104.0) == f"degraded: the SCHEDD ended 3 s ago; {again} 7 s"
    asked = len(bench.looker.looks)
    bench.watch.set(PORT, Daemon("SCHEDD", 13, 111.0, restarts=1))
    bench.looker.seen = Seen(findings=(unhealthy("it does not answer"),))
    started = "the SCHEDD was started again 1 s ago"
    assert bench.step(112.0) == f"degraded: {started}; it does not answer"
    assert len(bench.looker.looks) == asked + 1, "a daemon that is down is not asked"
    bench.looker.seen = Seen()
    assert bench.step(114.0) == "healthy: "
    assert bench.told()["daemons"]["SCHEDD"] == {"up": True, "restarts": 1}
    assert bench.told()["since"] == 114.0
    said = capsys.readouterr().out
    assert [line.split(" health: ")[1].split(":")[0] for line in said.splitlines()] == [
        "starting -> healthy", "healthy -> degraded", "degraded -> healthy",
    ]  # fmt: skip


def test_a_daemon_that_cannot_work_after_a_minute_is_a_failure(bench: Bench) -> None:
    bench.step(100.0)
    bench.watch.set(PORT, Daemon("SCHEDD", 13, 111.0, restarts=1))
    bench.looker.seen = Seen(findings=(unhealthy("it does not answer"),))
    assert bench.step(180.0) == "unhealthy: it does not answer"


def test_without_http_the_node_still_does_its_work(bench: Bench) -> None:
    assert bench.step(1.0, "port 9620: taken") == (
        "degraded: health and metrics are not served: port 9620: taken"
    )


def test_an_operator_s_daemon_that_is_off_hides_nothing(bench: Bench) -> None:
    bench.watch.set(PORT, SCHEDD, Daemon("DEFRAG", 14, 0.0, ended=50.0))
    bench.looker.seen = Seen(findings=(degraded("slow"),))
    assert (
        bench.step(200.0) == "degraded: the DEFRAG ended 2 min ago and was not started again; slow"
    )


def test_nobody_looks_more_often_than_needed(bench: Bench) -> None:
    for second in range(100, 131):
        bench.step(float(second))
    assert bench.looker.looks == [100.0, 115.0, 130.0]


def test_trouble_is_looked_at_closely_at_first() -> None:
    pace = Pace(usual_s=15)
    looks = []
    for second in range(40):
        if pace.is_time(second):
            looks.append(second)
            pace.looked(second, 0.0, well=False)
    assert looks == [0, 1, 3, 7, 15, 30]
    pace.hurry()
    assert pace.is_time(39.5)


def test_a_large_pool_is_looked_at_less_often() -> None:
    pace = Pace(usual_s=15, longest_s=60, share=0.001)
    pace.looked(0.0, 0.03, well=True)
    assert not pace.is_time(29.0)
    assert pace.is_time(30.0)
    pace.looked(30.0, 5.0, well=False)
    assert pace.is_time(31.0), "trouble does not wait for that"
    pace.looked(31.0, 5.0, well=True)
    assert not pace.is_time(90.0)
    assert pace.is_time(91.0)
