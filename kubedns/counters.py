"""What the DNS side counts: plain numbers, exported by whoever serves metrics.

An answer that was kept as bytes is counted by one addition to the Tally of its like; who serves
metrics adds the tallies up. What a listener answers by itself it counts itself.
"""

from __future__ import annotations

from bisect import bisect_left
from copy import deepcopy
from dataclasses import dataclass, field

from dnscore.wire.const import NXDOMAIN, RCODE_MASK, REFUSED, SERVFAIL, TC

TC_OCTET = TC >> 8
"""TC in the third octet of a message."""

DURATION_BOUNDS_S = (0.001, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of kube-dns's request duration histogram."""
SIZE_BOUNDS = (0, 512, 1024, 1500, 2048, *range(4096, 65537, 4096))
"""Upper bounds of kube-dns's response size histogram, octets."""
DIRECT_MAX = SIZE_BOUNDS[1]
"""Size of an answer that a listener may give out by itself: all of them fall into one bucket."""


class Histogram:
    """Observations by upper bound; the last bucket has no bound."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """Per bucket, not summed up."""
        self.total = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.total += value * times


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
        self.add(response[2], response[3], len(response), duration_s=duration_s)

    def add(
        self, flags: int, rcode: int, size: int, *, duration_s: float = 0.0, times: int = 1
    ) -> None:
        """Count answers; `flags` and `rcode` are the third and fourth octet as they are."""
        self.requests += times
        rcode &= RCODE_MASK
        if rcode == NXDOMAIN:
            self.nxdomain += times
        elif rcode == SERVFAIL:
            self.servfail += times
        elif rcode == REFUSED:
            self.refused += times
        if flags & TC_OCTET:
            self.truncated += times
        self.durations_s.observe(duration_s, times)
        self.sizes.observe(size, times)


class Tally:
    """How often answers of one kind, code and size were given."""

    __slots__ = ("hits",)

    def __init__(self) -> None:
        self.hits = 0


class Tallies:
    """The tallies of answers that are kept, one for all that count alike."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, int, int, int], Tally] = {}

    def of(self, kind: str, response: bytes) -> Tally:
        """The tally of an answer; `kind` is the name of a field of DnsCounters."""
        key = (kind, response[2] & TC_OCTET, response[3] & RCODE_MASK, len(response))
        return self._tallies.setdefault(key, Tally())

    def add_to(self, counters: DnsCounters) -> None:
        """Add everything counted so far. From any thread."""
        for (kind, flags, rcode, size), tally in tuple(self._tallies.items()):
            if tally.hits:
                getattr(counters, kind).add(flags, rcode, size, times=tally.hits)

    @property
    def hits(self) -> int:
        """Of all of them. From any thread."""
        return sum(tally.hits for tally in tuple(self._tallies.values()))


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

    def copy(self) -> DnsCounters:
        """The numbers of this moment."""
        return deepcopy(self)
