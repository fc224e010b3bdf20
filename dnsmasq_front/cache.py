"""Answers of other servers, kept as wire bytes for as long as their TTLs allow.

Entries are whole responses without their OPT record, keyed by the folded question with DO and
CD kept apart (RFC 6840 5.9 and RFC 4035 3.2.2 make those different questions). The least
recently used go when the records or octets allowed are exceeded. Pure: the caller passes `now`
(monotonic seconds). RFC 2181 5.4.1, 8; RFC 2308 3, 5; RFC 5452 6.

An NXDOMAIN may be kept for its name, whatever the type (RFC 2308 5): of the names that search paths
make there are two questions each, A and AAAA. That is right only of servers that say NXDOMAIN for
all types or for none, which not all do (RFC 4074 4.2), so the caller decides.

An entry is *fresh* until it is to be asked for again, it *ends* with its TTLs, and may be *stale*
for a while after that (RFC 8767). Between fresh and ended it answers when no server does.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from dnscore.wire.chain import belongs
from dnscore.wire.names import is_below, skip
from dnscore.wire.query import Query
from dnscore.wire.scan import (
    ANSWER,
    FAILURE,
    NAME_ERROR,
    NODATA,
    TTL_MAX,
    Scan,
    first_sections,
)
from dnsmasq_front.entry import Entry
from dnsmasq_front.name_index import NameIndex, place_of

BYTES_PER_RECORD = 1536
"""The octets that the cache may hold are its records times this: long answers cannot hog it, and
records with the longest names all fit."""
_NAME_OVERHEAD = 300
"""Octets in the index for each name that an entry depends on (measured, CPython 3.11)."""
TTL_CAP = TTL_MAX
"""No TTL is larger, so this is no cap."""
PREFETCH_HITS = 3
"""Times that an entry must have been looked up to be popular. Prebuilt answers are given without
a look-up, but they end within the second: a name that is always asked has one a second."""
PREFETCH_SHARE = 0.9
"""The part of its life after which a popular entry is asked for again."""
PREFETCH_LIFE_S = 10.0
"""Shorter lives are over before the rest of them is noticed."""
FALLBACK_S = 1.0
"""For how long an entry answers again once its servers have failed; then they are tried again."""


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
    cluster_negative_ttl_s: int = 5
    """The same for names of the cluster, which come into being all the time."""
    stale_s: float = 0.0
    """For how long an answer is still given after its end; infinity is for ever."""
    prefetch: bool = False
    """Whether popular entries are asked for again before they end."""


class Cache:
    """The answers, the least recently used first."""

    def __init__(
        self,
        options: CacheOptions,
        *,
        forget: Callable[[tuple[bytes, ...]], None] = lambda keys: None,
        born: Callable[[float], float] = lambda now: now,
    ) -> None:
        """`forget` ends the prebuilt answers of an entry that is no more, or no longer trusted.

        `born` tells when the age of what comes now begins: less than a second before, so that
        the TTLs of names that were asked together do not fall, and are not worked out, together.
        """
        self._born = born
        self.options = options
        self._forget = forget
        self._index = NameIndex()
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self.bytes_max = options.records * BYTES_PER_RECORD
        """Octets that it may hold."""
        self.keeps = options.records > 0
        """Whether it keeps anything at all."""
        self.records = 0
        self.bytes = 0
        self.insertions = 0
        """Records stored since the start or the last flush."""
        self.evictions = 0
        """Records pushed out before their time since the start or the last flush."""

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: bytes) -> bool:
        """Whether there is an entry for a question, however old."""
        return self.peek(key) is not None

    def peek(self, key: bytes) -> Entry | None:
        """The entry of a question, however old; nothing changes by looking."""
        return next((entry for _, entry in self._entries_for(key)), None)

    def _entries_for(self, key: bytes) -> Iterator[tuple[bytes, Entry]]:
        """The entry of a question and that of its name, each with what it is kept under."""
        entry = self._entries.get(key)
        if entry is not None:
            yield key, entry
        name_key = _name_key(key)
        entry = self._entries.get(name_key)
        if entry is not None:
            yield name_key, entry

    # HOT: once per query that no prebuilt answer fits.
    def find(self, key: bytes, now: float) -> Entry | None:
        """The fresh entry of a question; the ID and question of its body are not the asker's."""
        entry = self._entries.get(key)
        if entry is not None and entry.fresh_until > now:
            self._used(key, entry, now)
            return entry
        for known, entry in self._entries_for(key):
            if entry.fresh_until > now:
                self._used(known, entry, now)
                return entry
            if entry.ends + self.options.stale_s <= now:
                self._remove(known)
        return None

    def stale(self, key: bytes, now: float) -> Entry | None:
        """The entry of a question that has ended and may be given all the same, its TTLs 0.

        RFC 8767 4 has 30 s for them; with dnsmasq's 0 the client that asks again gets what the
        refresh has brought meanwhile.
        """
        for known, entry in self._entries_for(key):
            if entry.ends <= now < entry.ends + self.options.stale_s:
                self._entries.move_to_end(known)
                if entry.age_s < TTL_MAX:
                    entry.show(TTL_MAX, 0)
                return entry
        return None

    def fallback(self, key: bytes, now: float) -> bytes | None:
        """What to answer although the servers have failed: an entry that has not ended.

        It counts as fresh for another FALLBACK_S, lest each query wait for the failure anew.
        """
        for known, entry in self._entries_for(key):
            if entry.ends > now:
                entry.unconfirmed = True
                entry.fresh_until = max(entry.fresh_until, min(entry.ends, now + FALLBACK_S))
                self._used(known, entry, now)
                return entry.body
        return None

    def _used(self, key: bytes, entry: Entry, now: float) -> None:
        self._entries.move_to_end(key)
        entry.hits += 1
        if now >= entry.older_at:
            age = int(now - entry.born)
            entry.older_at = entry.born + age + 1
            entry.show(age, self._ttl_cap(age))

    def used_again(self, entry: Entry) -> None:
        """Count as a look-up that what was made of an entry has been given again."""
        if self._entries.get(entry.key) is entry:
            self._entries.move_to_end(entry.key)
            entry.hits += 1

    def _ttl_cap(self, age_s: int) -> int:
        """The largest TTL to show: one beyond the life of its entry would outlive
        `--max-cache-ttl` in the clients."""
        options = self.options
        return max(0, min(options.max_ttl_s, options.max_cache_ttl_s - age_s))

    def store(
        self,
        key: bytes,
        wire: bytes,
        scan: Scan,
        *,
        now: float,
        life_cap_s: float,
        cluster: bool = False,
        for_name: bool = False,
        names: Collection[bytes] = (),
    ) -> None:
        """Keep a response without OPT for its life, if it has one; fresh for `life_cap_s` at most.

        `cluster` tells that its names may come into being at any moment, and nobody says so.
        `for_name` tells that an NXDOMAIN holds for all types of its name.
        `names` are those it depends on: `drop` and `distrust` find it by them.
        """
        if not self.keeps or scan.kind == FAILURE or scan.truncated:
            return
        self._remove(key)  # Whatever it says is newer.
        if for_name:
            key = self._key_for_name(key, scan)
        if not belongs(wire, scan):
            return
        life_s = self._life(scan, self._negative_max_s(cluster))
        if life_s <= 0:
            return
        keep = _sections_kept(scan)
        if keep < 3:
            wire = first_sections(wire, scan, keep)
        entry = Entry(key, wire, scan, now=now, life_s=life_s, born=self._born(now))
        entry.fresh_until = now + min(life_s, life_cap_s)
        if self.options.prefetch and life_s >= PREFETCH_LIFE_S:
            entry.refresh_at = now + life_s * PREFETCH_SHARE
        entry.cost += len(key) + _NAME_OVERHEAD * len(names)
        if entry.records > self.options.records or entry.cost > self.bytes_max:
            return
        self._entries[key] = entry
        entry.places = tuple([place_of(name) for name in names])
        for place in entry.places:
            self._index.add(place, key)
        self.records += entry.records
        self.bytes += entry.cost
        self.insertions += entry.records
        self._make_room(now)

    def _key_for_name(self, key: bytes, scan: Scan) -> bytes:
        """What to keep an answer under that tells, too, whether its name exists."""
        name_key = _name_key(key)
        self._remove(name_key)
        return name_key if scan.kind == NAME_ERROR and not scan.counts[0] else key

    def _negative_max_s(self, cluster: bool) -> int:
        options = self.options
        return options.cluster_negative_ttl_s if cluster else options.max_negative_ttl_s

    def _life(self, scan: Scan, negative_max_s: int) -> float:
        """Seconds that a response may be kept; 0: not at all."""
        options = self.options
        answer, *others = scan.least_ttls
        if scan.kind == ANSWER:
            # Records beside the answer that may not be kept are left out of the entry.
            life = min(answer, options.max_cache_ttl_s, *(ttl for ttl in others if ttl))
        elif scan.kind in (NODATA, NAME_ERROR) and options.negative:
            life = options.neg_ttl_s if scan.negative_ttl is None else scan.negative_ttl
            # A CNAME chain lives no longer than its links.
            life = min(life, answer, negative_max_s, options.max_cache_ttl_s)
        else:
            return 0
        return max(life, options.min_cache_ttl_s)

    def _make_room(self, now: float) -> None:
        while self.records > self.options.records or self.bytes > self.bytes_max:
            key, entry = next(iter(self._entries.items()))
            if entry.ends > now:
                self.evictions += entry.records
            self._remove(key)

    def _remove(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.records -= entry.records
            self.bytes -= entry.cost
            for place in entry.places:
                self._index.discard(place, key)
            if entry.packets:
                self._forget(entry.packets)

    def drop(self, name: bytes) -> int:
        """Forget the entries that depend on anything at or below a folded name; how many."""
        keys = set(self._index.below(name))
        for key in keys:
            self._remove(key)
        return len(keys)

    def drop_domain(self, domain: bytes) -> int:
        """As `drop`, for entries of any kind: looks at all of them."""
        keys = [key for key in self._entries if is_below(key[: skip(key, 0)], domain)]
        for key in keys:
            self._remove(key)
        return len(keys)

    def distrust(self, name: bytes, *, until: float) -> None:
        """Entries at and below a folded name are to be asked for again at that time."""
        for key in self._index.below(name):
            entry = self._entries[key]
            entry.fresh_until = min(entry.fresh_until, until)
            self._forget(entry.packets)  # Which may have been meant to live longer.

    def flush(self) -> None:
        """Forget everything, and the counts of insertions and evictions, as dnsmasq does."""
        self._entries.clear()
        self._index.clear()
        self.records = self.bytes = self.insertions = self.evictions = 0


def cache_key(query: Query) -> bytes:
    """What makes two queries the same question: folded name, type, class, DO and CD."""
    wire = query.wire
    extra = (b"\x00", b"\x01", b"\x02", b"\x03")[query.do + 2 * query.cd]
    return query.name + wire[query.name_end : query.question_end] + extra


def _name_key(key: bytes) -> bytes:
    """What an NXDOMAIN for all types of a name is kept under: no record has type 0."""
    return key[:-5] + b"\x00\x00" + key[-3:]


def _sections_kept(scan: Scan) -> int:
    """How many sections may be kept: those from the first TTL of 0 behind the answers on may not.

    They stand behind one another, and names in a later one may point into the one before.
    """
    if scan.kind != ANSWER:
        return 3
    _, authority, additional = scan.least_ttls
    return 1 if not authority else 2 if not additional else 3
