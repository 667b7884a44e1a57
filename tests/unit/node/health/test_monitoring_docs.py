"""The files of docs/monitoring against the metrics that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from roost.node.health.metrics.catalog import CATALOG

MONITORING = Path(__file__).resolve().parents[4] / "docs" / "monitoring"
LABELS = {metric.name: {*metric.labels, "job", "instance"} for metric in CATALOG}
SELECTOR = re.compile(r"\b((?:condor|roost)_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')


def dashboard() -> dict[str, Any]:
    text = (MONITORING / "grafana-dashboard.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def panels() -> list[dict[str, Any]]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    rules = re.findall(r"expr: (.*)", (MONITORING / "alerts.yml").read_text())
    return [target["expr"] for panel in panels() for target in panel["targets"]] + rules


@pytest.mark.parametrize("expression", expressions())
def test_what_is_asked_for_is_there(expression: str) -> None:
    for name, matchers in SELECTOR.findall(expression):
        assert name in LABELS
        assert set(MATCHER.findall(matchers)) <= LABELS[name]


def test_what_matters_is_shown() -> None:
    shown = {name for expression in expressions() for name, _ in SELECTOR.findall(expression)}
    for word in (
        "slots",
        "slots_idle",
        "jobs",
        "user_jobs",
        "transfers",
        "daemon_duty_cycle_ratio",
    ):
        assert f"condor_{word}" in shown
    assert {"roost_node_health", "roost_log_lines_total", "roost_node_disk_free_bytes"} <= shown


def test_the_dashboard_is_one() -> None:
    board = dashboard()
    assert board["schemaVersion"] >= 30
    assert {one["name"] for one in board["templating"]["list"]} == {"datasource", "job"}
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in panels():
        assert panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24


def test_panels_do_not_cover_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells
