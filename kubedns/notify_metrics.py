"""What has become of the NOTIFY messages, for Prometheus; one label, the target's address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from kubedns.notify import DELAY_BUCKETS_S, NotifyTarget

_COUNTERS = (
    ("sent", "Changed names, or zones, that were told; each message once."),
    ("retried", "Messages that were sent again for want of an acknowledgement."),
    ("acknowledged", "Messages that the cache has taken."),
    ("refused", "Messages that the cache does not take from us."),
    ("whole_zone", "Times that everything was told in place of names."),
)


def notify_metrics(targets: Sequence[NotifyTarget]) -> Iterable[Metric]:
    """The families, from plain counters that another thread writes."""
    labels = ["target"]
    for name, text in _COUNTERS:
        family = CounterMetricFamily(f"kubedns_notify_{name}", text, labels=labels)
        for target in targets:
            family.add_metric([str(target.address)], getattr(target.counters, name))
        yield family
    told = GaugeMetricFamily(
        "kubedns_notify_target_up", "1 while the cache takes what it is told.", labels=labels
    )
    delays = HistogramMetricFamily(
        "kubedns_notify_delay_seconds",
        "From a change of the records to its acknowledgement.",
        labels=labels,
    )
    bounds = [*(repr(bound) for bound in DELAY_BUCKETS_S), "+Inf"]
    for target in targets:
        told.add_metric([str(target.address)], float(target.is_told))
        counts = list(zip(bounds, accumulate(target.delays), strict=True))
        delays.add_metric([str(target.address)], counts, target.delay_sum_s)
    yield from (told, delays)
