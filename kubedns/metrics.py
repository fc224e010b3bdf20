"""Prometheus metrics of kubedns, read at scrape time from plain counters.

The `skydns_skydns_*` names are those of kube-dns, so dashboards stay; what is new has the prefix
`kubedns_`. Counters are read without a lock: each is one int, and a scrape may be one query off.
Departs from kube-dns: an error over UDP counts once, not twice; a cache miss is a query in the
zone that no prebuilt answer fitted (kube-dns has no cache, all are misses there). Answers that
were prebuilt count in every family: with a duration of 0 s, and with their exact size but for the
sum, where plain answers of up to 512 octets count with the mean size of their like.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

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
from kubedns.notify import NotifyTarget
from kubedns.notify_metrics import notify_metrics
from kubedns.options import MetricsOptions
from kubedns.status import Facts, api_server_away, readiness

if TYPE_CHECKING:  # its module brings the API client, which starts later
    from kubedns.k8s.runner import WatchStatus

_CAUSES = ("nxdomain", "refused", "servfail", "truncated")
_STATES = ("listing", "watching", "waiting", "refused")
"""`waiting`: the last request failed; `refused`: not allowed, and the daemon gets on without."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums since the start, and states, at one moment."""

    facts: Facts
    dns: DnsCounters
    """All that were answered, from kept answers too."""
    built: int
    """In the zone, and not answered from a kept answer."""
    prebuilt: int
    """Answered from a kept answer."""
    upstream_tries: int
    upstream_failures: int
    upstream_pending: int
    config_rejected: int
    changes: int
    longest_apply_s: float
    serial: int
    notify: Sequence[NotifyTarget] = ()


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
        yield from notify_metrics(figures.notify)

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
            requests.add_metric([system], counters.requests)
            for cause in _CAUSES:
                errors.add_metric([system, cause], getattr(counters, cause))
            durations.add_metric([system], *_buckets(counters.durations_s))
            sizes.add_metric([system], *_buckets(counters.sizes))
            errors.add_metric([system, "overflow"], 0)  # A larger answer has TC set.
        misses = CounterMetricFamily(
            name + "cachemiss_count",
            "Counter of DNS requests that result in a cache miss.",
            labels=["cache"],
        )
        misses.add_metric(["response"], figures.built)
        yield from (requests, errors, durations, sizes, misses)


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
        ("prebuilt_answers", "Answered without a look.", figures.prebuilt),
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
    api_up = float(bool(figures.facts.watches) and not api_server_away(figures.facts))
    for name, text, value in (
        ("ready", "Whether /readiness is 200.", ready),
        ("api_server_up", "0 while a watch waits after a failure.", api_up),
        ("upstream_pending", "Questions that wait for an upstream.", figures.upstream_pending),
        ("zone_serial", "SOA serial of the cluster zone.", figures.serial),
        ("longest_apply_seconds", "Longest hold of the DNS loop.", figures.longest_apply_s),
    ):
        yield GaugeMetricFamily(f"kubedns_{name}", text, value=value)


_WATCH_GAUGES: tuple[tuple[str, str, Callable[[WatchStatus], float]], ...] = (
    ("synced", "Listed once to the end.", lambda watch: watch.synced),
    ("objects", "Objects with a row.", lambda watch: watch.objects),
)
_WATCH_COUNTERS: tuple[tuple[str, str, Callable[[WatchStatus], float]], ...] = (
    ("errors", "Failed requests, and watches that broke.", lambda w: w.counters.errors),
    ("events", "Objects added, modified or deleted.", lambda w: w.counters.events),
    ("bookmarks", "Bookmarks.", lambda w: w.counters.bookmarks),
    ("opened", "Watches that were opened.", lambda w: w.counters.watches),
    ("relists", "Full lists after the first.", lambda w: max(0, w.counters.lists - 1)),
    ("bad_objects", "Objects that could not be used, repeats included.", lambda w: w.bad_objects),
)


def _watches(facts: Facts) -> Iterable[Metric]:
    labels = ["resource"]
    state = GaugeMetricFamily(
        "kubedns_watch_state", "1 for the state of the watch.", labels=["resource", "state"]
    )
    age = GaugeMetricFamily(
        "kubedns_watch_silence_seconds", "Since the API server said anything.", labels=labels
    )
    for watch in facts.watches:
        for name in _STATES:
            state.add_metric([watch.resource, name], float(watch.phase.name.lower() == name))
        if watch.last_event_at is not None:
            age.add_metric([watch.resource], max(0.0, facts.now - watch.last_event_at))
    yield from (state, age)
    for kind, table in (
        (GaugeMetricFamily, _WATCH_GAUGES),
        (CounterMetricFamily, _WATCH_COUNTERS),
    ):
        for name, text, value in table:
            family = kind(f"kubedns_watch_{name}", text, labels=labels)
            for watch in facts.watches:
                family.add_metric([watch.resource], value(watch))
            yield family


def metrics_route(options: MetricsOptions, figures: Callable[[], Figures]) -> Route:
    """The page for scrapes, from a registry of its own; `figures` is called in its thread."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector(options, figures))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)

    def scrape(_query: str) -> Reply:
        return Reply(200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(registry))

    return scrape
