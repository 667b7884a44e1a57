"""Health and metrics of a real pool, with Debian's own Prometheus.

One pool serves all of it: its published port is taken at first, then Prometheus scrapes it, and then
its schedd is killed.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from roost import Pool, contract
from roost.contract import HealthState
from roost.engines.protocol import Engine
from roost.errors import PortTakenError
from roost.waiting import wait_for
from tests.e2e.conftest import READY_TIMEOUT_S
from tests.e2e.prometheus import Prometheus, dashboard_queries, promtool, running

pytestmark = pytest.mark.one_engine

NODES = ["master", "submit", "execute-1"]
READ = "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())"
CHECK = ["/usr/bin/python3", "-I", "-S", "/usr/lib/roost/roost/node/health/check.py"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read(pool: Pool, node: str, what: str) -> bytes | None:
    """What the node answers inside its container, where any engine lets one ask."""
    url = f"http://127.0.0.1:{contract.METRICS_PORT}/{what}"
    asked = pool.exec(node, ["python3", "-c", READ, url])
    return asked.stdout if asked.exit_code == 0 else None


def test_monitoring(new_pool: Callable[..., Pool], engine: Engine, tmp_path: Path) -> None:
    port = free_port()
    file = tmp_path / "roost.toml"
    file.write_text(
        f"version = 1\n[executors]\ncount = 1\n[metrics]\npublish = '127.0.0.1:{port}'\n"
    )
    pool = new_pool(file=file)
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", port))
        taker.listen()
        with pytest.raises(PortTakenError, match=f"metrics.publish: port 127.0.0.1:{port}"):
            pool.up(timeout_s=READY_TIMEOUT_S)
    pool.up(timeout_s=READY_TIMEOUT_S)
    wait_for("every node is healthy", lambda: all_healthy(pool), timeout_s=60)
    submit_jobs(pool, tmp_path)
    with running(
        tmp_path,
        port=free_port(),
        target=f"127.0.0.1:{port}",
        engine=engine._connection.url,  # type: ignore[attr-defined]
        pool=pool.name,
    ) as prometheus:
        the_metrics_are_clean(pool)
        prometheus_sees_every_node(prometheus)
        the_dashboard_shows_something(prometheus)
        a_killed_schedd_is_seen(pool, prometheus)


def submit_jobs(pool: Pool, directory: Path) -> None:
    """One that runs and one that waits, for as long as this takes."""
    path = directory / "sleep.sub"
    path.write_text(
        "executable = /bin/sleep\ntransfer_executable = false\narguments = 600\nqueue 2\n"
    )
    pool.submit(path)


def all_healthy(pool: Pool) -> bool | None:
    texts = [read(pool, node, "health") for node in NODES]
    states = [json.loads(text)["state"] for text in texts if text]
    return states == ["healthy"] * len(NODES) or None


def the_metrics_are_clean(pool: Pool) -> None:
    for node in NODES:
        text = read(pool, node, "metrics")
        assert text
        assert promtool("check", "metrics", text=text) == (0, ""), node
        assert pool.exec(node, CHECK).stdout == b"healthy\n"


def prometheus_sees_every_node(prometheus: Prometheus) -> None:
    def healthy(job: str) -> list[str]:
        query = f'roost_node_health{{job="{job}", state="healthy"}} == 1'
        return sorted(one["metric"]["node"] for one in prometheus.query(query))

    def both() -> bool | None:
        everybody, themselves = healthy("roost"), healthy("roost-nodes")
        return (everybody, themselves) == (sorted(NODES), sorted(NODES[1:])) or None

    wait_for("the master's word of all nodes, and theirs", both, timeout_s=60)


def the_dashboard_shows_something(prometheus: Prometheus) -> None:
    for title, query in dashboard_queries():
        assert prometheus.wait_for_data(query), title
    # The master looks at the queue from time to time; at first both jobs may have been idle.
    prometheus.wait_for_data('sum(condor_user_jobs{job="roost",state="idle"}) == 1', 120)


def tail_of(pool: Pool) -> str:
    return f"{pool.status().to_json()}, {read(pool, 'submit', 'health')!r}"


def a_killed_schedd_is_seen(pool: Pool, prometheus: Prometheus) -> None:
    killed = pool.exec("submit", ["sh", "-c", "kill -9 $(pidof condor_schedd)"])
    assert killed.exit_code == 0, killed.stderr

    def wait_until(state: HealthState) -> str:
        def look() -> str | None:
            node = next(node for node in pool.status().nodes if node.name == "submit")
            return f"{node.reason}" if node.health is state else None

        return wait_for(f"it is {state}", look, timeout_s=60, last_seen=lambda: tail_of(pool))

    assert "SCHEDD" in wait_until(HealthState.DEGRADED)
    assert wait_until(HealthState.HEALTHY) == "None"
    assert pool.status().ready
    # The collector knows it at once, the node itself looks every second.
    wait_for("its own word", lambda: all_healthy(pool), timeout_s=60)
    told = json.loads(read(pool, "submit", "health") or b"")
    assert told["daemons"]["SCHEDD"] == {"up": True, "restarts": 1}
    node = 'node="submit"'
    prometheus.wait_for_data(
        f'max_over_time(roost_node_health{{job="roost-nodes",{node},state="degraded"}}[10m]) == 1'
    )
    prometheus.wait_for_data(
        f'min_over_time(condor_daemon_up{{job="roost-nodes",{node},daemon="SCHEDD"}}[10m]) == 0'
    )
    for job in ("roost", "roost-nodes"):
        prometheus.wait_for_data(
            f'condor_daemon_restarts_total{{job="{job}",{node},daemon="SCHEDD"}} == 1'
        )
