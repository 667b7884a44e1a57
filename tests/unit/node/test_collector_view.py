"""What the collector's ads say of a pool."""

from __future__ import annotations

from typing import Any

from roost.node.health.intervals import Intervals
from roost.node.observe import health_of, summarize
from roost.node.readiness import nodes_known

VERSION = "$CondorVersion: 23.9.6 2026-07-12 PackageID: 23.9.6 $"
ADS: list[dict[str, Any]] = [
    {"MyType": "Negotiator", "Machine": "master.lab.pool", "CondorVersion": VERSION},
    {"MyType": "DaemonMaster", "Machine": "submit.lab.pool", "CondorVersion": VERSION},
    {
        "MyType": "Scheduler", "Machine": "submit.lab.pool", "CondorVersion": VERSION,
        "TotalIdleJobs": 4, "TotalRunningJobs": 2, "TotalHeldJobs": 1, "JobsCompleted": 9,
    },
    {
        "MyType": "Machine", "Machine": "execute-1.lab.pool", "CondorVersion": VERSION,
        "SlotType": "Partitionable", "State": "Unclaimed", "Cpus": 3,
        "RoostMemoryEnforcement": "policy", "RoostCpuEnforcement": "container",
        "RoostPrivateTmp": False,
    },
    {
        "MyType": "Slot", "Machine": "execute-1.lab.pool", "CondorVersion": VERSION,
        "SlotType": "Dynamic", "State": "Claimed", "Cpus": 1,
    },
    {"MyType": "Accounting"},
]  # fmt: skip


def test_a_node_is_known_by_the_ad_of_its_role() -> None:
    assert nodes_known(ADS) == {"master:master", "submit:submit", "execute:execute-1"}


def test_a_master_daemon_alone_is_no_sign_of_work() -> None:
    assert nodes_known([ADS[1]]) == set()


def test_summary() -> None:
    assert summarize(ADS) == {
        "ready": ["execute:execute-1", "master:master", "submit:submit"],
        "versions": {"master": "23.9.6", "submit": "23.9.6", "execute-1": "23.9.6"},
        "slots": {"total": 4, "claimed": 1, "unclaimed": 3},
        "jobs": {"idle": 4, "running": 2, "held": 1, "completed": 9},
        "limits": {
            "execute-1": {"memory": "policy", "cpus": "container", "private_tmp": False},
        },
    }


def test_summary_of_nothing() -> None:
    nothing = summarize([])
    assert nothing["ready"] == []
    assert set(nothing["jobs"].values()) == {0}


def test_health_is_that_of_the_ads() -> None:
    master = {"MyType": "DaemonMaster", "Machine": "submit.lab.pool", "SCHEDD_StartTime": 0}
    assert health_of([*ADS[2:], master], 100.0, Intervals()) == {
        "submit": {
            "state": "degraded",
            "reasons": ["the SCHEDD is down until condor_master starts it again"],
        }
    }
