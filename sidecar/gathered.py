"""The figures that the two DNS daemons tell of themselves, as metric families; no I/O."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from sidecar.daemon_figures import FIGURES, Series
from sidecar.front_figures import FrontReading

_FRONT = (
    ("auth", "auth_answers", "Questions for authoritative zones."),
    ("notifies", "notifies", "Messages that named something changed."),
    ("notifies-refused", "notifies_refused", "Such messages from who is not believed."),
    ("dropped", "dropped_answers", "Cached answers forgotten because they changed."),
)


def front_metrics(prefix: str, front: FrontReading) -> Iterator[Metric]:
    """What the caching server knows beyond the stock counters; nothing for what it does not."""
    for source, name, text in _FRONT:
        if (source,) in front.totals:
            yield CounterMetricFamily(prefix + name, text, value=front.totals[source,])
    if front.told is not None:
        yield GaugeMetricFamily(
            f"{prefix}telling_servers",
            "Servers that tell the cache of their changes; 0 when they have gone silent.",
            value=front.told,
        )
    for kind, name, text in (
        ("sent", "upstream_queries", "Questions sent to a server."),
        ("failed", "upstream_failures", "Questions that it did not answer, or refused."),
    ):
        family = CounterMetricFamily(prefix + name, text, labels=["server"])
        for key, total in front.totals.items():
            if key[0] == kind and len(key) == 2:
                family.add_metric([key[1]], total)
        if family.samples:
            yield family


def daemon_metrics(prefix: str, series: Series | None) -> Iterator[Metric]:
    """kubedns's figures; nothing at all as long as it has never shown any."""
    if series is None:
        return
    yield GaugeMetricFamily(
        f"{prefix}up", "1 while kubedns shows its metrics.", value=float(bool(series))
    )
    for figure in FIGURES:
        kind = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
        family = kind(prefix + figure.name, figure.help, labels=figure.labels)
        for (name, values), value in series.items():
            if name == figure.name:
                family.add_metric(values, value)
        if family.samples:
            yield family
