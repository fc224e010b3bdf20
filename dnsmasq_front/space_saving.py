"""The most frequent of many things, in bounded memory: the space-saving sketch. Pure.

Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in data
streams" (ICDT 2005). With k counters and N things seen: no count is too small, none is too large
by more than N/k, and whatever was seen more than N/k times has a counter.
"""

from __future__ import annotations

from dataclasses import dataclass

COUNTERS = 128


@dataclass(frozen=True, slots=True)
class Frequent:
    """One thing and how often it was seen."""

    item: bytes
    count: float
    """At most this often."""
    error: float
    """At least `count - error` times."""


class SpaceSaving:
    """A fixed number of counters for any number of things."""

    def __init__(self, counters: int = COUNTERS) -> None:
        """Raises ValueError for less than one counter."""
        if counters < 1:
            raise ValueError(f"{counters} counters count nothing")
        self._counters = counters
        self._counts: dict[bytes, list[float]] = {}
        """Count and error by thing."""
        self.seen = 0.0
        """N: all things, told apart or not."""

    def add(self, item: bytes) -> None:
        """See a thing once. The least frequent makes room for a new one, and leaves its count."""
        self.seen += 1
        known = self._counts.get(item)
        if known is not None:
            known[0] += 1
        elif len(self._counts) < self._counters:
            self._counts[item] = [1.0, 0.0]
        else:
            least = min(self._counts, key=lambda one: self._counts[one][0])
            count = self._counts.pop(least)[0]
            self._counts[item] = [count + 1, count]

    def fade(self, share: float) -> None:
        """Let everything that was seen weigh `share` of what it did: what is new weighs more.

        The bounds hold for the weighed numbers, as all of them are multiplied alike.
        """
        self.seen *= share
        for known in self._counts.values():
            known[0] *= share
            known[1] *= share

    def top(self, number: int) -> list[Frequent]:
        """The most frequent, the first one first; of two alike the first in the alphabet."""
        ranked = sorted(self._counts.items(), key=lambda entry: (-entry[1][0], entry[0]))
        return [Frequent(item, count, error) for item, (count, error) in ranked[:number]]
