"""The reference of the metrics, rendered from the catalog that they are served by."""

from __future__ import annotations

from roost.node.health.metrics.catalog import CATALOG, Metric

_INTRODUCTION = """\
# Metrics

What `/metrics` of a node says; [README.md](README.md) is about how to get it. `condor_` is what HTCondor
says of itself, `roost_` what Roost sees or concludes. The master tells what it knows of all nodes, another
node what it knows of itself.

`roost_health_process_*` is what the process costs that makes all of this.

<!-- Written by `make docs` from src/roost/node/health/metrics/catalog.py: change it there. -->

| metric | labels | type | meaning |
|---|---|---|---|
"""


def render_reference() -> str:
    """The whole page, in Markdown."""
    return _INTRODUCTION + "".join(map(_row, CATALOG))


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    kind = "counter" if metric.counts else "gauge"
    return f"| `{metric.name}` | {labels} | {kind} | {metric.help} |\n"
