"""The sidecar's figures under their Prometheus names: those of the stock sidecar and better ones.

Stock dashboards query `kubedns_dnsmasq_hits` and the like, counters without `_total`. A typed
counter cannot have such a name in the exposition formats, so they are of unknown type, which
`rate()` takes all the same. The well-named twins carry `_cache_`: in OpenMetrics the family of
`x_total` is `x`, so a twin `kubedns_dnsmasq_hits_total` would clash with the stock name.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    UnknownMetricFamily,
)
from prometheus_client.registry import Collector

from dnscore import VERSION
from sidecar.gathered import daemon_metrics, front_metrics
from sidecar.histogram import BUCKETS_MS, HistogramReading
from sidecar.state import ProbeReading, State
from sidecar.stats import CacheTotals


def build_registry(state: State, *, namespace: str) -> CollectorRegistry:
    """An own registry with the sidecar's figures and those of the process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(SidecarCollector(state, namespace=namespace))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class SidecarCollector(Collector):
    """Renders a reading of the state at each scrape; asks no server."""

    def __init__(self, state: State, *, namespace: str) -> None:
        self._state = state
        self._prefix = f"{namespace}_" if namespace else ""

    def collect(self) -> Iterator[Metric]:
        """All families, stock names first."""
        reading = self._state.read()
        for probe in reading.probes:
            yield from self._stock_probe(probe)
        yield from self._stock_cache(reading.cache)
        yield from self._probes(reading.probes)
        yield from _probe_states(f"{self._prefix}probe_", reading.probes)
        yield from self._cache(reading.cache)
        yield from front_metrics(f"{self._prefix}dnsmasq_", reading.front)
        yield from daemon_metrics(f"{self._prefix}daemon_", reading.daemon)
        yield InfoMetricFamily(
            f"{self._prefix}sidecar_build",
            "Version of the sidecar and of the Python that runs it.",
            value={"version": VERSION, "python": platform.python_version()},
        )

    def _stock_probe(self, probe: ProbeReading) -> Iterator[Metric]:
        yield HistogramMetricFamily(
            f"{self._prefix}probe_{probe.label}_latency_ms",
            f"Latency of successful probes {probe.label}, in milliseconds.",
            buckets=_buckets(probe.latency, per_ms=1.0),
            sum_value=probe.latency.sum_ms,
        )
        yield UnknownMetricFamily(
            f"{self._prefix}probe_{probe.label}_errors",
            f"Probes {probe.label} that failed.",
            value=probe.errors,
        )

    def _stock_cache(self, cache: CacheTotals) -> Iterator[Metric]:
        for name, value, meaning in (
            ("hits", cache.totals.hits, "Queries answered from the cache."),
            ("misses", cache.totals.misses, "Queries forwarded."),
            ("evictions", cache.totals.evictions, "Live entries dropped to make room."),
            ("insertions", cache.totals.insertions, "Entries put into the cache."),
            ("max_size", cache.totals.max_size, "Entries that the cache can hold."),
            ("errors", cache.errors, "Polls of the caching server that failed."),
        ):
            yield UnknownMetricFamily(f"{self._prefix}dnsmasq_{name}", meaning, value=value)

    def _probes(self, probes: tuple[ProbeReading, ...]) -> Iterator[Metric]:
        latency = HistogramMetricFamily(
            f"{self._prefix}probe_latency_seconds",
            "Latency of successful probes.",
            labels=["label"],
        )
        errors = CounterMetricFamily(
            f"{self._prefix}probe_errors_total", "Probes that failed.", labels=["label"]
        )
        retries = CounterMetricFamily(
            f"{self._prefix}probe_retries_total",
            "Questions asked again for want of an answer, or of a fresh one.",
            labels=["label"],
        )
        for probe in probes:
            buckets = _buckets(probe.latency, per_ms=0.001)
            latency.add_metric([probe.label], buckets, probe.latency.sum_ms / 1000)
            errors.add_metric([probe.label], probe.errors)
            retries.add_metric([probe.label], probe.retries)
        yield from (latency, errors, retries)

    def _cache(self, cache: CacheTotals) -> Iterator[Metric]:
        for name, value, meaning in (
            ("cache_hits", cache.totals.hits, "Queries answered from the cache."),
            ("cache_misses", cache.totals.misses, "Queries forwarded."),
            ("cache_evictions", cache.totals.evictions, "Live entries dropped to make room."),
            ("cache_insertions", cache.totals.insertions, "Entries put into the cache."),
            ("scrape_errors", cache.errors, "Polls of the caching server that failed."),
        ):
            yield CounterMetricFamily(f"{self._prefix}dnsmasq_{name}_total", meaning, value=value)
        yield GaugeMetricFamily(
            f"{self._prefix}dnsmasq_cache_capacity_entries",
            "Entries that the cache can hold, at the last good poll.",
            value=cache.max_size,
        )
        yield GaugeMetricFamily(
            f"{self._prefix}dnsmasq_up", "1 if the last poll was good.", value=float(cache.up)
        )


def _probe_states(prefix: str, probes: tuple[ProbeReading, ...]) -> Iterator[Metric]:
    """What `/healthcheck/<label>` says at this moment."""
    ok, answered, stale, age = (
        GaugeMetricFamily(prefix + name, text, labels=["label"])
        for name, text in (
            ("ok", "1 while the health check is 200."),
            ("answered", "1 if the server said anything in the last round."),
            ("stale", "1 if a cache answered for servers that do not."),
            ("age_seconds", "Since the last round ended."),
        )
    )
    for probe in probes:
        ok.add_metric([probe.label], float(probe.health.ok))
        answered.add_metric([probe.label], float(probe.health.answered))
        stale.add_metric([probe.label], float(probe.health.stale))
        if probe.health.age_s is not None:
            age.add_metric([probe.label], probe.health.age_s)
    yield from (ok, answered, stale, age)


def _buckets(latency: HistogramReading, *, per_ms: float) -> list[tuple[str, float]]:
    bounds = [repr(round(bound * per_ms, 9)) for bound in BUCKETS_MS]
    return list(zip([*bounds, "+Inf"], map(float, latency.cumulative), strict=True))
