"""A latency histogram of plain integers, read as cumulative Prometheus buckets; pure."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

BUCKETS_MS = tuple(0.25 * 2**i for i in range(16))
"""0.25 ms to 8192 ms, doubling: the stock sidecar's, so that old dashboards add up."""


@dataclass(frozen=True, slots=True)
class HistogramReading:
    """The state of a histogram at one moment."""

    cumulative: tuple[int, ...]
    """For each bound of `BUCKETS_MS` how many were at most so long, then the count of all."""
    sum_ms: float

    @property
    def count(self) -> int:
        return self.cumulative[-1]


class LatencyHistogram:
    """Counts latencies; not locked, the owner takes care of that."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS_MS) + 1)
        self._sum_ms = 0.0

    def observe(self, latency_s: float) -> None:
        """Count one latency; a bound is part of its bucket, as `le` says."""
        latency_ms = latency_s * 1000
        self._counts[bisect_left(BUCKETS_MS, latency_ms)] += 1
        self._sum_ms += latency_ms

    def read(self) -> HistogramReading:
        """The counts so far."""
        total, cumulative = 0, []
        for count in self._counts:
            total += count
            cumulative.append(total)
        return HistogramReading(tuple(cumulative), self._sum_ms)
