"""Prometheus metrics of kubedns, read at scrape time from plain counters.

The `skydns_skydns_*` names are those of kube-dns, so dashboards stay; what is new has the prefix
`kubedns_`. Counters are read without a lock: each is one int, and a scrape may be one query off.
Departs from kube-dns: an error over UDP counts once, not twice; answers that were prebuilt have
no part in the two histograms (an observation would cost as much as the answer), count as `auth`
even for reverse names, and as an error the first time only.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from dnscore import VERSION
from dnscore.httpd import Reply, Route
from kubedns.counters import DnsCounters, Histogram
from kubedns.options import MetricsOptions
from kubedns.status import Facts, readiness

_CAUSES = ("nxdomain", "refused", "servfail", "truncated")


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums since the start, and states, at one moment."""

    facts: Facts
    dns: DnsCounters
    prebuilt_hits: int
    """In the zone, and not in `dns`."""
    upstream_tries: int
    upstream_failures: int
    upstream_pending: int
    config_rejected: int
    changes: int
    longest_apply_s: float
    serial: int


class Collector:
    """Makes metric families of figures."""

    def __init__(self, options: MetricsOptions, figures: Callable[[], Figures]) -> None:
        self._prefix = f"{options.namespace}_{options.subsystem}_dns_"
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """All families, for a scrape."""
        figures = self._figures()
        yield from self._dns(figures)
        yield from _daemon(figures)
        yield from _watches(figures.facts)

    def _dns(self, figures: Figures) -> Iterable[Metric]:
        systems = {
            "auth": figures.dns.auth,
            "recursive": figures.dns.recursive,
            "reverse": figures.dns.reverse,
        }
        name, by_system = self._prefix, ["system"]
        requests = CounterMetricFamily(
            name + "request_count", "Counter of DNS requests made.", labels=by_system
        )
        errors = CounterMetricFamily(
            name + "error_count",
            "Counter of DNS requests resulting in an error.",
            labels=["system", "cause"],
        )
        durations = HistogramMetricFamily(
            name + "request_duration_seconds",
            "Histogram of the time (in seconds) each request took to resolve.",
            labels=by_system,
        )
        sizes = HistogramMetricFamily(
            name + "response_size_bytes",
            "Size of the returns response in bytes.",
            labels=by_system,
        )
        for system, counters in systems.items():
            prebuilt = figures.prebuilt_hits if system == "auth" else 0
            requests.add_metric([system], counters.requests + prebuilt)
            for cause in _CAUSES:
                errors.add_metric([system, cause], getattr(counters, cause))
            durations.add_metric([system], *_buckets(counters.durations_s))
            sizes.add_metric([system], *_buckets(counters.sizes))
        yield from (requests, errors, durations, sizes)


def _buckets(histogram: Histogram) -> tuple[list[tuple[str, float]], float]:
    """Cumulative counts by upper bound, and the sum of all values."""
    bounds = [*(repr(float(bound)) for bound in histogram.bounds), "+Inf"]
    return list(zip(bounds, accumulate(histogram.counts), strict=True)), histogram.total


def _daemon(figures: Figures) -> Iterable[Metric]:
    build = GaugeMetricFamily(
        "kubedns_build_info", "What is running; always 1.", labels=["version", "python"]
    )
    build.add_metric([VERSION, platform.python_version()], 1)
    yield build
    dns = figures.dns
    for name, text, count in (
        ("prebuilt_answers", "Answered without a look.", figures.prebuilt_hits + dns.rotated),
        ("ignored_messages", "Messages that get no answer.", dns.ignored),
        ("malformed_queries", "Answered FORMERR.", dns.malformed),
        ("unsupported_queries", "Answered NOTIMP or BADVERS.", dns.unsupported),
        ("internal_failures", "Answered SERVFAIL by a fault of ours.", dns.failures),
        ("upstream_tries", "Queries sent to upstreams.", figures.upstream_tries),
        ("upstream_failures", "Questions no upstream answered.", figures.upstream_failures),
        ("config_rejected", "Configurations that could not be used.", figures.config_rejected),
        ("changes", "API objects set or removed in the record tree.", figures.changes),
    ):
        yield CounterMetricFamily(f"kubedns_{name}", text, value=count)
    ready = float(readiness(figures.facts).good)
    for name, text, value in (
        ("ready", "Whether /readiness is 200.", ready),
        ("upstream_pending", "Questions that wait for an upstream.", figures.upstream_pending),
        ("zone_serial", "SOA serial of the cluster zone.", figures.serial),
        ("longest_apply_seconds", "Longest hold of the DNS loop.", figures.longest_apply_s),
    ):
        yield GaugeMetricFamily(f"kubedns_{name}", text, value=value)


def _watches(facts: Facts) -> Iterable[Metric]:
    labels = ["resource"]
    synced = GaugeMetricFamily("kubedns_watch_synced", "Listed once to the end.", labels=labels)
    objects = GaugeMetricFamily("kubedns_watch_objects", "Objects with a row.", labels=labels)
    age = GaugeMetricFamily(
        "kubedns_watch_silence_seconds", "Since the API server said anything.", labels=labels
    )
    errors = CounterMetricFamily("kubedns_watch_errors", "Failed requests.", labels=labels)
    for watch in facts.watches:
        label = [watch.resource]
        synced.add_metric(label, float(watch.synced))
        objects.add_metric(label, watch.objects)
        errors.add_metric(label, watch.counters.errors)
        if watch.last_event_at is not None:
            age.add_metric(label, facts.now - watch.last_event_at)
    yield from (synced, objects, age, errors)


def metrics_route(options: MetricsOptions, figures: Callable[[], Figures]) -> Route:
    """The page for scrapes, from a registry of its own; `figures` is called in its thread."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector(options, figures))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)

    def scrape(_query: str) -> Reply:
        return Reply(200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(registry))

    return scrape
