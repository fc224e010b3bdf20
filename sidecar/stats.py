"""The counters of the caching server, read as dnsmasq offers them and made to only ever grow.

dnsmasq answers `hits.bind` and its like, class CHAOS, type TXT, with one number (dnsmasq(8),
section NOTES). Pure: the caller passes the function that asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import dns.message
import dns.rdatatype

CHAOS_NAMES = ("hits", "misses", "evictions", "insertions", "cachesize")
"""In the order in which they are asked for; each is followed by `.bind.`."""

_INT64_MAX = 2**63 - 1
_NUMBER = re.compile(rb"-?[0-9]{1,19}")

Ask = Callable[[str], dns.message.Message]
"""Asks for CHAOS TXT of an absolute name."""


class StatsError(Exception):
    """The server answered, but not with the one number that was asked for."""


@dataclass(frozen=True, slots=True)
class CacheSample:
    """The five numbers as the server gave them, counted since it started."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0
    insertions: int = 0
    max_size: int = 0
    """Entries that the cache can hold (`cachesize.bind`)."""


def read_cache(ask: Ask) -> CacheSample:
    """Ask for all five; all or nothing. Raises StatsError, and what `ask` raises."""
    return CacheSample(*(_number(ask(f"{name}.bind."), name) for name in CHAOS_NAMES))


def strings_of(answer: dns.message.Message, name: str) -> tuple[bytes, ...]:
    """The strings of the one TXT record in an answer about `name`.bind. Raises StatsError."""
    records = [rdata for rrset in answer.answer for rdata in rrset]
    if len(records) != 1 or records[0].rdtype != dns.rdatatype.TXT:
        raise StatsError(f"{name}.bind: want one TXT record with one string")
    strings: tuple[bytes, ...] = records[0].strings
    return strings


def _number(answer: dns.message.Message, name: str) -> int:
    return read_number(strings_of(answer, name), name)


def read_number(strings: tuple[bytes, ...], name: str) -> int:
    """The int64 that one string holds. Raises StatsError."""
    if len(strings) != 1:
        raise StatsError(f"{name}.bind: want one TXT record with one string")
    text = strings[0]
    if not _NUMBER.fullmatch(text) or not -_INT64_MAX - 1 <= int(text) <= _INT64_MAX:
        raise StatsError(f"{name}.bind: not a number: {text[:40]!r}")
    return int(text)


@dataclass(frozen=True, slots=True)
class CacheTotals:
    """What is exported: totals over restarts of the server, and its present size."""

    totals: CacheSample = CacheSample()
    """Never smaller than before; `max_size` too, which the stock sidecar exports as a counter."""
    max_size: int = 0
    """The size at the last good poll."""
    errors: int = 0
    """Polls that failed."""
    up: bool = False
    """Whether the last poll was good."""


@dataclass(slots=True)
class CacheStats:
    """Turns samples into totals that survive a restart of the server."""

    last: CacheSample = CacheSample()
    current: CacheTotals = CacheTotals()

    def update(self, sample: CacheSample) -> None:
        """Add what has grown since the last sample.

        A number smaller than the last one means that the server restarted: it becomes the new
        base and adds nothing, so a total never decreases (kubernetes/dns issue 195).
        """
        now = CacheSample(*(max(0, value) for value in _values(sample)))
        grown = (
            total + max(0, new - old)
            for total, new, old in zip(
                _values(self.current.totals), _values(now), _values(self.last), strict=True
            )
        )
        self.current = replace(
            self.current, totals=CacheSample(*grown), max_size=now.max_size, up=True
        )
        self.last = now

    def failed(self) -> None:
        """Count a poll that failed; the totals stay."""
        self.current = replace(self.current, errors=self.current.errors + 1, up=False)


def _values(sample: CacheSample) -> tuple[int, int, int, int, int]:
    return (sample.hits, sample.misses, sample.evictions, sample.insertions, sample.max_size)
