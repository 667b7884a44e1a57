"""Ads and health as Prometheus' metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from roost.contract import HealthState, Role
from roost.node.health.daemons import Daemon
from roost.node.health.findings import Verdict
from roost.node.health.machine import (
    Disk,
    Machine,
    cpu_seconds,
    look_at_machine,
    memory_limit,
    memory_used,
)
from roost.node.health.metrics import catalog
from roost.node.health.metrics.catalog import CATALOG, Sample
from roost.node.health.metrics.node import (
    health_samples,
    log_samples,
    machine_samples,
    process_samples,
)
from roost.node.health.metrics.pool import (
    METRICS_PROJECTION,
    MOST_USERS,
    OTHERS,
    idle_reason,
    own_ad_samples,
    pool_samples,
    user_samples,
)
from roost.node.health.metrics.render import Renderer
from roost.node.health.pool import NodeView
from roost.node.health.telling import Restarts

Ad = dict[str, Any]

SLOT = {"MyType": "Machine", "Machine": "execute-1.lab.pool", "Memory": 1024, "LastHeardFrom": 7}
FREE = {**SLOT, "SlotType": "Partitionable", "State": "Unclaimed", "Activity": "Idle", "Cpus": 3}
BUSY = {**SLOT, "SlotType": "Dynamic", "State": "Claimed", "Activity": "Busy", "Cpus": 2}
SCHEDD = {
    "MyType": "Scheduler", "Machine": "submit.lab.pool", "TotalIdleJobs": 4, "TotalRunningJobs": 1,
    "JobsSubmitted": 9, "TransferQueueNumUploading": 2, "FileTransferDownloadBytes": 1e6,
    "RecentDaemonCoreDutyCycle": 1.2,
}  # fmt: skip
NEGOTIATOR = {
    "MyType": "Negotiator", "Machine": "master.lab.pool", "LastNegotiationCycleDuration0": 2,
    "LastNegotiationCycleMatches0": 5,
}  # fmt: skip


def values(samples: Iterable[Sample]) -> dict[str, float]:
    """``name{label,label}`` and value of each sample."""
    found: dict[str, float] = {}
    for metric, labels, value in samples:
        assert len(labels) == len(metric.labels)
        found.setdefault(f"{metric.name}{{{','.join(labels)}}}", value)
    return found


def test_names_follow_prometheus_conventions() -> None:
    names = [metric.name for metric in CATALOG]
    assert len(set(names)) == len(names) > 30
    for metric in CATALOG:
        assert re.fullmatch(r"(condor|roost)_[a-z0-9_]+", metric.name)
        assert not re.search(r"_(ms|mb|kb|percent|gauge|counter)\b", metric.name)
        assert metric.help.endswith(".")


def test_a_pool_in_samples() -> None:
    seen = values(pool_samples([FREE, BUSY, SCHEDD, NEGOTIATOR]))
    assert seen["condor_slots{Unclaimed,Idle}"] == 3
    assert seen["condor_slots{Claimed,Busy}"] == 1
    assert seen["condor_slots_idle{no_match}"] == 3
    assert seen["condor_slots_idle{no_jobs}"] == 0
    assert seen["condor_node_slots{execute-1,free}"] == 3
    assert seen["condor_node_slots{execute-1,claimed}"] == 1
    assert seen["condor_node_offered_memory_bytes{execute-1}"] == 2 * 1024**3
    assert seen["condor_jobs{submit,idle}"] == 4
    assert seen["condor_jobs{submit,held}"] == 0
    assert seen["condor_jobs_submitted_total{submit}"] == 9
    assert seen["condor_transfers{submit,upload,active}"] == 2
    assert seen["condor_transfer_bytes_total{submit,download}"] == 1e6
    assert seen["condor_daemon_duty_cycle_ratio{submit,SCHEDD}"] == 1, "at most all of its time"
    assert seen["condor_daemon_last_heard_timestamp_seconds{execute-1,STARTD}"] == 7
    assert seen["condor_negotiator_last_cycle_duration_seconds{master}"] == 2


def test_a_node_tells_of_itself_alone() -> None:
    seen = values(own_ad_samples([FREE, BUSY]))
    assert "condor_node_slots{execute-1,free}" in seen
    assert not [name for name in seen if name.startswith(("condor_slots", "condor_user"))]


@pytest.mark.parametrize(
    ("slot", "waiting", "reason"),
    [
        ({"State": "Claimed", "Activity": "Busy"}, True, None),
        ({"State": "Claimed", "Activity": "Idle"}, True, "claim_idle"),
        ({"State": "Owner"}, True, "start_false"),
        ({"State": "Drained"}, False, "drained"),
        ({"State": "Unclaimed", "Draining": True, "Memory": 9}, True, "drained"),
        ({"State": "Unclaimed", "Memory": 0}, True, "no_memory"),
        ({"State": "Unclaimed", "Memory": 9}, True, "no_match"),
        ({"State": "Unclaimed", "Memory": 9}, False, "no_jobs"),
        ({"State": "Something new"}, True, None),
    ],
)
def test_why_a_slot_is_idle(slot: Ad, waiting: bool, reason: str | None) -> None:
    assert idle_reason(slot, waiting=waiting) == reason


def test_users_with_few_jobs_are_taken_together() -> None:
    ads = [
        {"MyType": "Submitter", "Name": f"u{n:03}@lab", "IdleJobs": n, "RunningJobs": 1}
        for n in range(MOST_USERS + 3)
    ]
    seen = values(user_samples([*ads, {**ads[-1], "HeldJobs": 2}]))
    assert len(seen) == 3 * (MOST_USERS + 1)
    assert seen[f"condor_user_jobs{{{OTHERS},idle}}"] == 0 + 1 + 2
    assert seen["condor_user_jobs{u102@lab,idle}"] == 2 * 102, "over both queues"
    assert seen["condor_user_jobs{u102@lab,held}"] == 2


def test_everything_that_is_read_is_asked_for() -> None:
    for ad in (FREE, SCHEDD, NEGOTIATOR):
        assert set(ad) <= set(METRICS_PROJECTION)


def test_the_node_in_samples() -> None:
    daemons = [Daemon("SCHEDD", 1, 50.0, restarts=2), Daemon("STARTD", 2, 60.0, ended=70.0)]
    machine = Machine((Disk("/d", 10, 4),), 5, None, 1.5)
    seen = values(
        [
            *health_samples("n", HealthState.DEGRADED),
            *process_samples("n", daemons),
            *machine_samples("n", machine),
            *log_samples("n", {"SCHEDD": {"INFO": 12}, "x": "y"}),
            *log_samples("n", None),
        ]
    )
    assert {name: value for name, value in seen.items() if "health" in name} == {
        "roost_node_health{n,starting}": 0,
        "roost_node_health{n,healthy}": 0,
        "roost_node_health{n,degraded}": 1,
        "roost_node_health{n,unhealthy}": 0,
    }
    assert seen["condor_daemon_up{n,SCHEDD}"] == 1
    assert seen["condor_daemon_up{n,STARTD}"] == 0
    assert seen["condor_daemon_restarts_total{n,SCHEDD}"] == 2
    assert seen["condor_daemon_start_timestamp_seconds{n,SCHEDD}"] == 50
    assert seen["roost_node_disk_free_bytes{n,/d}"] == 4
    assert seen["roost_node_memory_used_bytes{n}"] == 5
    assert "roost_node_memory_limit_bytes{n}" not in seen
    assert seen["roost_log_lines_total{n,SCHEDD,INFO}"] == 12


def test_the_text_is_prometheus_own() -> None:
    renderer = Renderer()
    samples = [
        Sample(catalog.DAEMON_UP, ("n", 'we"ird\n'), 1),
        Sample(catalog.DAEMON_UP, ("n", 'we"ird\n'), 0),
        Sample(catalog.DAEMON_RESTARTS, ("n", "SCHEDD"), 3),
    ]
    families = {one.name: one for one in text_string_to_metric_families(renderer.render(samples))}
    up = families["condor_daemon_up"]
    assert (up.type, up.documentation) == ("gauge", catalog.DAEMON_UP.help)
    assert [(one.labels, one.value) for one in up.samples] == [
        ({"node": "n", "daemon": 'we"ird\n'}, 1.0)
    ], "what was said first counts"
    assert families["condor_daemon_restarts"].type == "counter"
    assert "roost_health_process_cpu_seconds" in families, "what all this costs"


def test_restarts_of_other_nodes_are_counted_by_their_start_times() -> None:
    def view(started: float, ended: float | None = None) -> NodeView:
        daemon = Daemon("SCHEDD", 0, started, ended)
        return NodeView("submit", Role.SUBMIT, 0.0, (daemon,), Verdict(HealthState.HEALTHY))

    restarts = Restarts()
    counts = [
        restarts.counted([one])[0].daemons[0].restarts
        for one in (view(10), view(10), view(0, 20.0), view(30), view(30), view(40))
    ]
    assert counts == [0, 0, 0, 1, 1, 2]
    assert restarts.counted([]) == []


def test_both_kinds_of_cgroups(tmp_path: Path) -> None:
    v2 = tmp_path / "v2"
    v2.mkdir()
    (v2 / "memory.current").write_text("1000\n")
    (v2 / "memory.stat").write_text("anon 1\ninactive_file 300\n")
    (v2 / "memory.max").write_text("max\n")
    (v2 / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       2 kB\nMemFree: 1 kB\n")
    assert (memory_used(v2), memory_limit(v2, meminfo), cpu_seconds(v2)) == (700, 2048, 2.5)
    v1 = tmp_path / "v1"
    (v1 / "memory").mkdir(parents=True)
    (v1 / "cpuacct").mkdir()
    (v1 / "memory/memory.usage_in_bytes").write_text("1000\n")
    (v1 / "memory/memory.stat").write_text("total_inactive_file 100\n")
    (v1 / "memory/memory.limit_in_bytes").write_text("1500\n")
    (v1 / "cpuacct/cpuacct.usage").write_text("1500000000\n")
    assert (memory_used(v1), memory_limit(v1, meminfo), cpu_seconds(v1)) == (900, 1500, 1.5)
    nowhere = tmp_path / "nowhere"
    assert (memory_used(nowhere), memory_limit(nowhere, nowhere), cpu_seconds(nowhere)) == (
        None, None, None,
    )  # fmt: skip


def test_this_machine_can_be_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("roost.contract.STATE_DIR", str(tmp_path))
    (disk,) = look_at_machine().disks
    assert disk.path == str(tmp_path)
    assert 0 <= disk.free_bytes <= disk.size_bytes
