"""All that a node knows, as one text."""

from __future__ import annotations

from pathlib import Path

import pytest

from roost.contract import HealthState, Role
from roost.node.health.daemons import Daemon
from roost.node.health.intervals import Intervals
from roost.node.health.machine import Machine
from roost.node.health.telling import Teller, read_log_counts
from roost.node.settings import Address, NodeSettings

ADS = [
    {
        "MyType": "DaemonMaster", "Machine": "master.lab.pool", "LastHeardFrom": 90.0,
        "COLLECTOR_StartTime": 5, "CondorVersion": "$CondorVersion: 23.9.6 x $",
    },
    {"MyType": "Negotiator", "Machine": "master.lab.pool", "LastNegotiationCycleEnd0": 99},
    {
        "MyType": "DaemonMaster", "Machine": "execute-1.lab.pool", "LastHeardFrom": 90.0,
        "STARTD_StartTime": 0, "CondorVersion": "$CondorVersion: 23.9.6 x $",
    },
    {
        "MyType": "Machine", "Machine": "execute-1.lab.pool", "State": "Unclaimed",
        "SlotType": "Partitionable", "Cpus": 2, "Memory": 9, "Activity": "Idle",
    },
]  # fmt: skip


def lines(role: Role, node: str, state: HealthState, daemon: Daemon) -> set[str]:
    teller = Teller(NodeSettings(role, node, "lab", Address("m")), Intervals())
    text = teller.render(100.0, state, [daemon], Machine((), 7, None, None), ADS)
    return set(text.splitlines())


def test_the_master_tells_of_all_nodes_and_knows_itself_best() -> None:
    told = lines(
        Role.MASTER, "master", HealthState.DEGRADED, Daemon("COLLECTOR", 9, 6.0, restarts=1)
    )
    assert 'roost_node_health{node="master",state="degraded"} 1.0' in told
    assert 'roost_node_health{node="execute-1",state="degraded"} 1.0' in told
    assert 'condor_daemon_restarts_total{daemon="COLLECTOR",node="master"} 1.0' in told
    assert 'condor_daemon_up{daemon="STARTD",node="execute-1"} 0.0' in told
    assert 'roost_node_info{node="execute-1",role="execute",version="23.9.6"} 1.0' in told
    assert 'condor_slots{activity="Idle",state="Unclaimed"} 2.0' in told
    assert 'roost_node_memory_used_bytes{node="master"} 7.0' in told


def test_another_node_tells_of_itself() -> None:
    told = lines(Role.EXECUTE, "execute-1", HealthState.HEALTHY, Daemon("STARTD", 9, 6.0))
    assert 'condor_daemon_up{daemon="STARTD",node="execute-1"} 1.0' in told
    assert 'condor_node_slots{node="execute-1",state="free"} 2.0' in told
    assert not [line for line in told if line.startswith(("condor_slots", "condor_negotiator"))]


@pytest.mark.parametrize("text", [None, "", "[]", "{}"])
def test_a_log_that_was_not_counted_is_not_told_of(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "state"
    if text is not None:
        path.write_text(text)
    assert read_log_counts(path) is None


def test_lines_of_log_are_counted_by_the_forwarder(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text('{"lines": {"SCHEDD": {"INFO": 12}}}')
    assert read_log_counts(path) == {"SCHEDD": {"INFO": 12}}
