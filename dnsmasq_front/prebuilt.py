"""Responses that can go out again as they are: no parsing, no building.

Keyed by everything behind a query's ID, so letter case, EDNS, flags and type are told apart by
themselves. Each lives until its TTLs have to fall, and then the cache makes it anew. Lives end when
ticks begin, so what ends within a tick ends at its beginning: too early rather than too late.
Bounded in entries and octets; what does not fit is not kept. Pure; times are monotonic seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from dnscore.wire.rotate import Rotation

TICKS = 64
"""In a second. Seldom, and a query would have to wait until very many lives have ended. A power of
two, so that a float has the beginning of each exactly."""
LIFE_S = 1.0
"""Longest life: TTLs fall every second."""
ENTRIES_MAX = 20_000
BYTES_MAX = 16 << 20
_Kept = dict[bytes, Any]


def tick_before(now: float, ticks: int) -> float:
    """The beginning of the tick so many ticks before this one.

    What counts as born then has TTLs that fall when ticks begin, and not a part of one before.
    """
    return (int(now * TICKS) - ticks) / TICKS


class Prebuilt:
    """The responses that can go out as they are."""

    def __init__(
        self,
        *,
        begin: Callable[[float], None] = lambda _: None,
        entries_max: int = ENTRIES_MAX,
        bytes_max: int = BYTES_MAX,
    ) -> None:
        """`begin` is told in how many seconds `end` is to be called, whenever that begins anew."""
        self._begin = begin
        self._begun = False
        self._ended = 0
        """The tick whose lives were the last to end."""
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self.plain: dict[bytes, bytes] = {}
        """query[2:] -> response[2:]; the UDP listeners look here first."""
        self.turning: dict[bytes, Rotation] = {}
        """query[2:] -> a response whose addresses turn."""
        self.streams: dict[bytes, Rotation] = {}
        """As `turning`, for TCP: all of its responses, which may be longer."""
        self.bytes = 0
        self._ending: defaultdict[int, list[tuple[_Kept, bytes, object, int]]] = defaultdict(list)
        """Where, key, what and its size, by the number of the tick in which it ends."""
        self._rotations = (self.turning, self.streams)

    def __len__(self) -> int:
        return len(self.plain) + len(self.turning) + len(self.streams)

    def keep(self, query: bytes, response: bytes, *, now: float, until: float) -> bool:
        """Answer this query with this response for a time; whether that is new."""
        answer = response[2:]
        return self._keep(self.plain, query[2:], answer, len(answer), now, until)

    def keep_turning(self, query: bytes, rotation: Rotation, *, now: float, until: float) -> bool:
        """As `keep`, for a response whose addresses turn."""
        return self._keep(self.turning, query[2:], rotation, rotation.size, now, until)

    def keep_stream(self, query: bytes, rotation: Rotation, *, now: float, until: float) -> bool:
        """As `keep`, for a query that came over TCP."""
        return self._keep(self.streams, query[2:], rotation, rotation.size, now, until)

    def _keep(
        self, kept: _Kept, key: bytes, response: object, size: int, now: float, until: float
    ) -> bool:
        size += len(key)
        if len(self) >= self._entries_max or self.bytes + size > self._bytes_max:
            return False
        if key in kept:
            return False  # It lives already; its end is noted.
        tick, last = int(now * TICKS), int(min(until, now + LIFE_S) * TICKS)
        if last <= tick or last <= self._ended:
            return False  # It would end too late.
        self.bytes += size
        kept[key] = response
        self._ending[last].append((kept, key, response, size))
        if not self._begun:
            self._begun, self._ended = True, tick
            self._begin((tick + 1) / TICKS - now)
        return True

    def lives(self, key: bytes) -> bool:
        """Whether there is a response for query[2:]."""
        return key in self.plain or key in self.turning or key in self.streams

    def drop(self, keys: Iterable[bytes]) -> None:
        """End the lives of these query[2:], if they live."""
        for key in keys:
            plain = self.plain.pop(key, None)
            if plain is not None:
                self.bytes -= len(key) + len(plain)
            for kept in self._rotations:
                rotation = kept.pop(key, None)
                if rotation is not None:
                    self.bytes -= len(key) + rotation.size

    def end(self, now: float) -> float | None:
        """End the lives that are over; in how many seconds to call again.

        None: nothing lives, and `begin` will tell.
        """
        tick = int(now * TICKS)
        for number in range(self._ended + 1, tick + 1):
            for kept, key, response, size in self._ending.pop(number, ()):
                # What was dropped and kept anew since has another end.
                if kept.get(key) is response:
                    del kept[key]
                    self.bytes -= size
        self._ended = tick
        self._begun = bool(self._ending)
        return (tick + 1) / TICKS - now if self._begun else None

    def clear(self) -> None:
        """End all lives. The dictionaries stay the same objects: listeners hold them."""
        self.plain.clear()
        self.turning.clear()
        self.streams.clear()
        self.bytes = 0
        self._ending.clear()
