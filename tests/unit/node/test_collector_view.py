"""What the collector's ads say of a pool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roost.contract import ReachedBy
from roost.node.door.ledger import read_admitted
from roost.node.health.intervals import Intervals
from roost.node.observe import health_of, parse_address, places_of, summarize
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
        "SlotType": "Partitionable", "State": "Unclaimed", "Cpus": 3, "TotalSlotCpus": 4,
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


def test_a_cpu_is_free_again_before_its_slot_says_so() -> None:
    slots = ({**ad, "Cpus": 0} for ad in ADS if ad.get("SlotType") == "Partitionable")
    assert summarize(slots)["slots"] == {"total": 4, "claimed": 0, "unclaimed": 4}


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


CCB = (
    "<10.0.0.5:9618?CCBID=192.0.2.1:9618%3fsock%3dcollector#3&PrivNet=x&addrs=10.0.0.5-9618&noUDP>"
)


@pytest.mark.parametrize(
    ("sinful", "address", "reach"),
    [
        (CCB, "10.0.0.5", ReachedBy.MASTER),
        ("<192.0.2.1:9619?addrs=192.0.2.1-9619&noUDP&sock=schedd>", "192.0.2.1", ReachedBy.ADDRESS),
        ("<[2001:db8::1]:9618?noUDP>", "2001:db8::1", ReachedBy.ADDRESS),
        ("", None, ReachedBy.ADDRESS),
    ],
)
def test_the_address_of_a_daemon(sinful: str, address: str | None, reach: ReachedBy) -> None:
    assert parse_address(sinful) == (address, reach)


def test_where_nodes_are() -> None:
    def ad(machine: str, daemon: str, **more: str) -> dict[str, Any]:
        name = {"MyType": "DaemonMaster", "Machine": f"{machine}.lab.pool", "MyAddress": CCB}
        return {**name, f"{daemon}_StartTime": 1, **more}

    ads = [
        ad("master", "NEGOTIATOR"),
        ad("execute-told", "STARTD", RoostHost="beta"),
        ad("submit-asked", "SCHEDD"),
        {"MyType": "StartD", "Machine": "execute-odd.lab.pool"},
        {"MyType": "DaemonMaster", "Machine": "odd.lab.pool"},
        {"MyType": "Machine", "Machine": "execute-new.lab.pool", "MyAddress": CCB},
    ]
    places = places_of(ads, {"submit-asked": {"from": "192.0.2.7"}, "execute-gone": {}})
    assert {node: (one["role"], one["host"], one["joined"]) for node, one in places.items()} == {
        "master": ("master", None, False),
        "execute-told": ("execute", "beta", True),
        "submit-asked": ("submit", "192.0.2.7", True),
        "execute-new": ("execute", None, False),
    }
    assert {one["reach"] for one in places.values()} == {"master"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"admitted": 3}', '{"admitted": {"a": 1}}'])
def test_a_ledger_that_cannot_be_read_names_nobody(text: str, tmp_path: Path) -> None:
    assert read_admitted(tmp_path) == {}
    (tmp_path / "ledger.json").write_text(text)
    assert read_admitted(tmp_path) == {}
