"""kubedns's own figures, taken from its metrics page, for who scrapes the sidecar alone; pure.

Exported again under `<namespace>_daemon_*` and not under their own names, since a Prometheus that
scrapes both pages would count them twice. Counters go through as they are: they begin anew when
kubedns does, which `rate()` knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

SERIES_MAX = 500
"""Series taken from a page."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One family that is exported again."""

    source: str
    """The sample's name on kubedns's page, or its end behind a prefix that flags can change."""
    name: str
    """Ours, without the namespace."""
    help: str
    kind: str = "gauge"
    labels: tuple[str, ...] = ()


FIGURES = (
    Figure("kubedns_ready", "ready", "Whether /readiness of kubedns is 200."),
    Figure("kubedns_api_server_up", "api_server_up", "0 while a watch waits after a failure."),
    Figure("kubedns_zone_serial", "zone_serial", "SOA serial of the cluster zone."),
    Figure("kubedns_longest_apply_seconds", "longest_apply_seconds", "Longest hold of its loop."),
    Figure("kubedns_upstream_pending", "upstream_pending", "Questions that wait for an upstream."),
    Figure("process_resident_memory_bytes", "resident_memory_bytes", "Memory of kubedns."),
    Figure("process_cpu_seconds_total", "cpu_seconds", "Processor time of kubedns.", "counter"),
    Figure("process_start_time_seconds", "start_time_seconds", "When kubedns began."),
    Figure("kubedns_changes_total", "changes", "Objects set or removed.", "counter"),
    Figure("kubedns_internal_failures_total", "internal_failures", "Own faults.", "counter"),
    Figure("kubedns_config_rejected_total", "config_rejected", "Bad configurations.", "counter"),
    Figure("kubedns_upstream_tries_total", "upstream_tries", "Sent to upstreams.", "counter"),
    Figure(
        "kubedns_upstream_failures_total", "upstream_failures", "Questions unanswered.", "counter"
    ),
    Figure("_dns_request_count_total", "requests", "Queries.", "counter", ("system",)),
    Figure(
        "_dns_error_count_total",
        "errors",
        "Answers that are errors.",
        "counter",
        ("system", "cause"),
    ),
    Figure("kubedns_watch_synced", "watch_synced", "Listed to the end.", "gauge", ("resource",)),
    Figure("kubedns_watch_objects", "watch_objects", "Objects.", "gauge", ("resource",)),
    Figure(
        "kubedns_watch_silence_seconds",
        "watch_silence_seconds",
        "Since the API server said anything.",
        "gauge",
        ("resource",),
    ),
    Figure(
        "kubedns_watch_errors_total",
        "watch_errors",
        "Failed requests and watches.",
        "counter",
        ("resource",),
    ),
    Figure("kubedns_notify_sent_total", "notify_sent", "Names told.", "counter", ("target",)),
    Figure(
        "kubedns_notify_acknowledged_total",
        "notify_acknowledged",
        "Taken by the cache.",
        "counter",
        ("target",),
    ),
    Figure("kubedns_notify_retried_total", "notify_retried", "Sent again.", "counter", ("target",)),
    Figure(
        "kubedns_notify_refused_total",
        "notify_refused",
        "Not taken by the cache.",
        "counter",
        ("target",),
    ),
    Figure(
        "kubedns_notify_target_up",
        "notify_target_up",
        "1 while the cache takes what it is told.",
        "gauge",
        ("target",),
    ),
)

Series = dict[tuple[str, tuple[str, ...]], float]
"""By our name and the values of the labels."""


class PageError(Exception):
    """The page is not one of metrics."""


def read_page(text: str) -> Series:
    """The figures on a page in Prometheus's text format. Raises PageError."""
    series: Series = {}
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                figure = _figure_of(sample.name)
                if figure is not None and len(series) < SERIES_MAX:
                    values = tuple(sample.labels.get(label, "") for label in figure.labels)
                    series[figure.name, values] = float(sample.value)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise PageError(f"not metrics: {str(error)[:100]}") from None
    return series


def _figure_of(name: str) -> Figure | None:
    for figure in FIGURES:
        if name == figure.source or (figure.source[0] == "_" and name.endswith(figure.source)):
            return figure
    return None
