"""Figures of a process for Prometheus: plain numbers while it works, given a form only when somebody asks for them.

`prometheus-client` takes locks at each observation and is imported only by the first who asks.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends in seconds."""

NO_ROUTE = "none"
"""The route of what nothing answers: a path from outside is never a label."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number at this moment; what only grows has a name that ends in `_total`."""

    name: str
    meaning: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


Source = Callable[[], Iterable[Figure]]


class RequestFigures:
    """How many requests were answered, and how fast, by route and class of status."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._series: dict[tuple[str, str, int], list[float]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = (method, route, status // 100)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = [0] * (len(BUCKETS) + 1) + [0.0]
        series[bisect_left(BUCKETS, seconds)] += 1
        series[-1] += seconds

    def metrics(self) -> "Iterator[Metric]":
        """Yield the histogram and what is in flight."""
        from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily  # noqa: PLC0415 (see above)

        histogram = HistogramMetricFamily(
            "keyaccount_request_seconds", "Requests answered.", labels=["method", "route", "status"]
        )
        for (method, route, status), series in list(self._series.items()):
            seen, buckets = 0.0, []
            for end, count in zip((*BUCKETS, float("inf")), series, strict=False):
                seen += count
                buckets.append(("+Inf" if end == float("inf") else str(end), seen))
            histogram.add_metric([method, route, f"{status}xx"], buckets, series[-1])
        yield histogram
        yield GaugeMetricFamily("keyaccount_requests_in_flight", "Requests under way.", value=self.in_flight)


requests = RequestFigures()
"""Those of this process."""


def metrics_text(sources: Iterable[Source], figures: RequestFigures = requests) -> bytes:
    """Return everything that is known, in Prometheus' text format."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest  # noqa: PLC0415 (see above)

    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Collector(sources, figures))
    return bytes(generate_latest(registry))


class _Collector:
    def __init__(self, sources: Iterable[Source], figures: RequestFigures) -> None:
        self._sources = sources
        self._figures = figures

    def collect(self) -> "Iterator[Metric]":
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 (see above)

        yield from self._figures.metrics()
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for figure in (figure for source in self._sources for figure in source()):
            family = families.get(figure.name)
            if family is None:
                kind = CounterMetricFamily if figure.name.endswith("_total") else GaugeMetricFamily
                family = families[figure.name] = kind(figure.name, figure.meaning, labels=sorted(figure.labels))
            family.add_metric([figure.labels[name] for name in sorted(figure.labels)], figure.value)
        yield from families.values()
