"""What the DNS side counts: plain numbers, exported by whoever serves metrics.

Queries answered from `prebuilt` never come here; the listeners count those.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from dnscore.wire.const import NXDOMAIN, RCODE_MASK, REFUSED, SERVFAIL, TC

_TC_OCTET = TC >> 8

DURATION_BOUNDS_S = (0.001, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of kube-dns's request duration histogram."""
SIZE_BOUNDS = (0, 512, 1024, 1500, 2048, *range(4096, 65537, 4096))
"""Upper bounds of kube-dns's response size histogram, octets."""


class Histogram:
    """Observations by upper bound; the last bucket has no bound."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """Per bucket, not summed up."""
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class KindCounters:
    """Counters of one kind of query."""

    requests: int = 0
    nxdomain: int = 0
    nodata: int = 0
    refused: int = 0
    servfail: int = 0
    truncated: int = 0
    durations_s: Histogram = field(default_factory=lambda: Histogram(DURATION_BOUNDS_S))
    sizes: Histogram = field(default_factory=lambda: Histogram(SIZE_BOUNDS))

    def count(self, response: bytes, *, duration_s: float) -> None:
        """Count a query that was answered."""
        self.requests += 1
        rcode = response[3] & RCODE_MASK
        if rcode == NXDOMAIN:
            self.nxdomain += 1
        elif rcode == SERVFAIL:
            self.servfail += 1
        elif rcode == REFUSED:
            self.refused += 1
        if response[2] & _TC_OCTET:
            self.truncated += 1
        self.durations_s.observe(duration_s)
        self.sizes.observe(len(response))


@dataclass(slots=True)
class DnsCounters:
    """Sums since the start, by the kinds that kube-dns's metrics have."""

    auth: KindCounters = field(default_factory=KindCounters)
    """In the zone, or class CHAOS."""
    reverse: KindCounters = field(default_factory=KindCounters)
    """PTR and whatever else is asked of a reverse name with an address, local or forwarded."""
    recursive: KindCounters = field(default_factory=KindCounters)
    """Forwarded."""
    ignored: int = 0
    """Messages that get no answer: too short, or responses."""
    malformed: int = 0
    """Answered FORMERR."""
    unsupported: int = 0
    """Answered NOTIMP or BADVERS."""
    failures: int = 0
    """Answered SERVFAIL because of a fault of this program."""
    rotated: int = 0
    """Answered from a prebuilt answer whose addresses take turns; counted in `auth` as well."""
