"""One response that the cache keeps: what it says as time goes by, and until when. Pure."""

from __future__ import annotations

from dnscore.wire.scan import Scan, with_ttls

_OVERHEAD = 540
"""Octets of an entry beside its response and key (measured, CPython 3.11)."""
_OFFSET_OVERHEAD = 36
"""The same for each TTL in it."""


class Entry:
    """One response. `body` is without OPT; its TTLs are those of the latest look-up."""

    __slots__ = (
        "_offsets",
        "_wire",
        "age_s",
        "body",
        "born",
        "cost",
        "ends",
        "fresh_until",
        "hits",
        "key",
        "older_at",
        "packets",
        "places",
        "records",
        "refresh_at",
        "unconfirmed",
    )

    def __init__(
        self, key: bytes, wire: bytes, scan: Scan, *, now: float, life_s: float, born: float
    ) -> None:
        self.key = key
        """What it is kept under."""
        self._wire = wire
        self._offsets = scan.ttl_offsets
        self.records = max(1, scan.counts[0])
        self.born = born
        """When its age begins."""
        self.older_at = now
        """When the TTLs of `body` have to fall."""
        self.fresh_until = self.ends = now + life_s
        self.refresh_at = self.ends
        """When it is to be asked for with nobody waiting."""
        self.hits = 0
        """Look-ups."""
        self.places: tuple[bytes, ...] = ()
        """Of the names in the index that it depends on, whose changes we are told of."""
        self.packets: tuple[bytes, ...] = ()
        """Keys of the prebuilt answers that were made of it, some of which may have ended."""
        self.unconfirmed = False
        """Whether its servers have failed since it was fresh."""
        # The response is there twice: as it came and with its TTLs aged.
        self.cost = 2 * len(wire) + _OFFSET_OVERHEAD * len(self._offsets) + _OVERHEAD
        self.body = wire
        self.age_s = -1

    def show(self, age_s: int, cap_s: int) -> None:
        """Give `body` TTLs that are `age_s` less than at first, and at most `cap_s`."""
        self.body = bytes(with_ttls(self._wire, self._offsets, age_s=age_s, cap_s=cap_s))
        self.age_s = age_s

    @property
    def ttl_at(self) -> int | None:
        """Where `body` has its TTL, if it has just one."""
        return self._offsets[0] if len(self._offsets) == 1 else None

    def falls_s(self, at: int, cap_s: int) -> int:
        """For how many seconds from `older_at` on the one TTL of `body`, there, only falls by one.

        0 when it stands still at `cap_s`, or the entry wants a look-up before.
        """
        shown = int.from_bytes(self.body[at : at + 4], "big")
        if self.unconfirmed or shown >= cap_s:
            return 0
        return max(0, min(shown, int(min(self.fresh_until, self.refresh_at) - self.older_at)))
