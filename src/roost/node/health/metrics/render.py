"""Samples as the text that Prometheus scrapes, with Prometheus' own client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from roost.node.health.metrics.catalog import CATALOG, Sample

OWN_PREFIX = "roost_health"
"""Of the metrics of the process that makes all this: what it costs."""


class Renderer(Collector):
    """Holds the samples of the last look. A process of its own serves the text, so it is made once for
    each look and not for each scrape."""

    def __init__(self) -> None:
        self._samples: list[Sample] = []
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(namespace=OWN_PREFIX, registry=self._registry)

    def render(self, samples: Iterable[Sample]) -> str:
        """The text of these samples. Of two with the same labels the first one counts."""
        self._samples = list(samples)
        return generate_latest(self._registry).decode()

    def collect(self) -> Iterator[Metric]:
        """For prometheus_client."""
        values: dict[str, dict[tuple[str, ...], float]] = {}
        for metric, labels, value in self._samples:
            values.setdefault(metric.name, {}).setdefault(labels, value)
        for metric in CATALOG:
            if metric.name in values:
                kind = CounterMetricFamily if metric.counts else GaugeMetricFamily
                family = kind(metric.name, metric.help, labels=metric.labels)
                for labels, value in values[metric.name].items():
                    family.add_metric(labels, value)
                yield family
