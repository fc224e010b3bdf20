"""Answers of other servers, kept as wire bytes for as long as their TTLs allow.

Entries are whole responses without their OPT record, keyed by the folded question with DO and
CD kept apart (RFC 6840 5.9 and RFC 4035 3.2.2 make those different questions). The least
recently used go when the records or octets allowed are exceeded. Pure: the caller passes `now`
(monotonic seconds). RFC 2181 5.4.1, 8; RFC 2308 3, 5.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from dnscore.wire.query import Query
from dnscore.wire.scan import ANSWER, NAME_ERROR, NODATA, Scan, with_ttls

BYTES_PER_RECORD = 1536
"""The octets that the cache may hold are its records times this: long answers cannot hog it, and
records with the longest names all fit."""
ENTRY_OVERHEAD = 400
"""Octets of an entry beside its response and key (measured, CPython 3.11)."""
_OFFSET_OVERHEAD = 36
TTL_CAP = 0x7FFFFFFF
"""RFC 2181 8: a TTL has 31 bits, so this is no cap."""


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """How long answers live; dnsmasq(8) has the flags of the same names."""

    records: int = 150
    """Resource records held; a negative answer counts as one. 0 turns the cache off."""
    max_cache_ttl_s: int = TTL_CAP
    """Longest life of an entry."""
    min_cache_ttl_s: int = 0
    """Shortest life of an entry; wins over the longest. At most 3600."""
    max_ttl_s: int = TTL_CAP
    """Largest TTL shown to clients."""
    negative: bool = True
    """Whether NXDOMAIN and NODATA are kept."""
    neg_ttl_s: int = 0
    """Life of a negative answer without SOA; 0 keeps none."""
    max_negative_ttl_s: int = 30
    """Longest life of a negative answer: a zone's SOA may ask for hours, and hide a new name."""


class Entry:
    """One response. `wire` is without OPT; its TTLs are those at `stored`."""

    __slots__ = (
        "cost",
        "expires",
        "offsets",
        "records",
        "rendered",
        "rendered_age",
        "stored",
        "wire",
    )

    def __init__(self, wire: bytes, scan: Scan, *, stored: float, expires: float) -> None:
        self.wire = wire
        self.offsets = scan.ttl_offsets
        self.records = max(1, scan.counts[0])
        self.stored = stored
        self.expires = expires
        # The response is there twice: as it came and with its TTLs aged.
        self.cost = 2 * len(wire) + _OFFSET_OVERHEAD * len(self.offsets) + ENTRY_OVERHEAD
        self.rendered: bytes = wire
        self.rendered_age = -1


class Cache:
    """The answers, the least recently used first."""

    def __init__(self, options: CacheOptions) -> None:
        self.options = options
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._bytes_max = options.records * BYTES_PER_RECORD
        self.records = 0
        self.bytes = 0
        self.insertions = 0
        """Records stored since the start or the last flush."""
        self.evictions = 0
        """Records pushed out before their time since the start or the last flush."""

    def __len__(self) -> int:
        return len(self._entries)

    # HOT: once per query that no prebuilt answer fits.
    def find(self, key: bytes, now: float) -> bytes | None:
        """The response with its TTLs aged, without OPT; its ID and question are not the asker's."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= now:
            self._remove(key)
            return None
        self._entries.move_to_end(key)
        age = int(now - entry.stored)
        if age != entry.rendered_age:
            # A TTL beyond the entry's own life would outlive `--max-cache-ttl` in the clients.
            life_left = max(0, self.options.max_cache_ttl_s - age)
            cap = min(self.options.max_ttl_s, life_left)
            entry.rendered = bytes(with_ttls(entry.wire, entry.offsets, age_s=age, cap_s=cap))
            entry.rendered_age = age
        return entry.rendered

    def store(self, key: bytes, wire: bytes, scan: Scan, *, now: float, life_cap_s: float) -> None:
        """Keep a response without OPT for its life, if it has one, and `life_cap_s` at most."""
        if not self._bytes_max:
            return
        life_s = min(self._life(scan), life_cap_s)
        if life_s <= 0:
            return
        self._remove(key)
        entry = Entry(wire, scan, stored=now, expires=now + life_s)
        entry.cost += len(key)
        if entry.records > self.options.records or entry.cost > self._bytes_max:
            return
        self._entries[key] = entry
        self.records += entry.records
        self.bytes += entry.cost
        self.insertions += entry.records
        self._make_room(now)

    def _life(self, scan: Scan) -> float:
        """Seconds that a response may be kept; 0: not at all."""
        options = self.options
        if scan.truncated:
            return 0
        if scan.kind == ANSWER:
            life = min(scan.min_ttl, options.max_cache_ttl_s)
        elif scan.kind in (NODATA, NAME_ERROR) and options.negative:
            life = options.neg_ttl_s if scan.negative_ttl is None else scan.negative_ttl
            if scan.counts[0]:
                life = min(life, scan.min_ttl)  # A CNAME chain lives no longer than its links.
            life = min(life, options.max_negative_ttl_s, options.max_cache_ttl_s)
        else:
            return 0
        return max(life, options.min_cache_ttl_s)

    def _make_room(self, now: float) -> None:
        while self.records > self.options.records or self.bytes > self._bytes_max:
            key, entry = next(iter(self._entries.items()))
            if entry.expires > now:
                self.evictions += entry.records
            self._remove(key)

    def _remove(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.records -= entry.records
            self.bytes -= entry.cost

    def flush(self) -> None:
        """Forget everything, and the counts of insertions and evictions, as dnsmasq does."""
        self._entries.clear()
        self.records = self.bytes = self.insertions = self.evictions = 0


def cache_key(query: Query) -> bytes:
    """What makes two queries the same question: folded name, type, class, DO and CD."""
    wire = query.wire
    extra = (b"\x00", b"\x01", b"\x02", b"\x03")[query.do + 2 * query.cd]
    return query.name + wire[query.name_end : query.question_end] + extra
