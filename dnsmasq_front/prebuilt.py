"""Responses that can go out again as they are: no parsing, no building.

Keyed by everything behind a query's ID, so letter case, EDNS, flags and type are told apart by
themselves. Each lives until its TTLs have to fall. Then the next who asks has it made anew, unless
it is asked for all the time and has one TTL: to let that fall here is cheaper, and nobody waits for
it. Lives end when ticks begin; what ends within a tick ends then, rather too early than too late.
Bounded in entries and octets; what does not fit is not kept. Pure; times are monotonic seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from dnscore.wire.rotate import Rotation
from dnsmasq_front.entry import Entry

TICKS = 16
"""In a second. Each begins with cold caches, so few are cheaper; but TTLs fall up to one too early.
A power of two, so that a float has the beginning of each exactly."""
RENEWED_AT_ONCE = 2
"""Before queries are looked at again: a renewal with cold caches takes as long as several."""
RENEWED_PART = 32
"""Where very many are to be renewed, this part of those that are left goes at once: 2 a turn would
not be done with them before the tick is over."""
LIFE_S = 1.0
"""Longest life: TTLs fall every second."""
ENTRIES_MAX = 20_000
BYTES_MAX = 16 << 20
_Kept = dict[bytes, Any]
_Renewed = tuple[Entry, int, int] | None
"""What a response was made of, how often it may be renewed, and where its one TTL is; None: not at
all."""
_Life = tuple[_Kept, bytes, Any, int, _Renewed]
"""Where, key, what, its size, and how it is renewed."""
Used = Callable[[Entry], None]
"""Is told what a response that is renewed was made of."""


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
        self._ending: defaultdict[int, list[_Life]] = defaultdict(list)
        """By the number of the tick in which they end."""
        self._rotations = (self.turning, self.streams)

    def __len__(self) -> int:
        return len(self.plain) + len(self.turning) + len(self.streams)

    def keep(
        self,
        query: bytes,
        response: bytes,
        *,
        now: float,
        until: float,
        renewed: _Renewed = None,
    ) -> bool:
        """Answer this query with this response for a time; whether that is new.

        When that is over it may be `renewed`: so many times its TTL falls by one, for a second.
        Whoever allows that ends it when the entry that it was made of goes, or is distrusted.
        """
        answer = response[2:]
        return self._keep(self.plain, query[2:], answer, len(answer), now, until, renewed)

    def keep_turning(self, query: bytes, rotation: Rotation, *, now: float, until: float) -> bool:
        """As `keep`, for a response whose addresses turn."""
        return self._keep(self.turning, query[2:], rotation, rotation.size, now, until)

    def keep_stream(self, query: bytes, rotation: Rotation, *, now: float, until: float) -> bool:
        """As `keep`, for a query that came over TCP."""
        return self._keep(self.streams, query[2:], rotation, rotation.size, now, until)

    def _keep(
        self,
        kept: _Kept,
        key: bytes,
        response: object,
        size: int,
        now: float,
        until: float,
        renewed: _Renewed = None,
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
        self._ending[last].append((kept, key, response, size, renewed))
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

    def end(self, now: float, used: Used) -> float | None:
        """End the lives that are over, or renew them: as many at once as queries can wait for.

        Returns in how many seconds to call again, 0 where there are others to renew. None: nothing
        lives, and `begin` will tell. A loop that comes a whole tick late has no time for renewals:
        however busy it is, nothing is given for longer.
        """
        tick, renewals = int(now * TICKS), RENEWED_AT_ONCE
        while self._ended < tick and self._ending:
            number = self._ended + 1
            in_time = tick <= number + 1
            lives = self._ending.get(number, [])
            renewals = max(renewals, len(lives) // RENEWED_PART)
            while lives:
                renewed = lives[-1][-1] if in_time else None
                if renewed is None:
                    self._end(lives.pop())
                elif renewals:
                    renewals -= 1
                    self._renew(lives.pop(), *renewed, used)
                else:
                    return 0.0
            self._ending.pop(number, None)
            self._ended = number
        self._ended = tick
        self._begun = bool(self._ending)
        return (tick + 1) / TICKS - now if self._begun else None

    def _end(self, life: _Life) -> None:
        kept, key, response, size, _ = life
        # What was dropped and kept anew since has another end.
        if kept.get(key) is response:
            del kept[key]
            self.bytes -= size

    # HOT: once a second for each packet that comes all the time, with cold caches: whatever more is
    # looked at here costs several times what it would elsewhere.
    def _renew(self, life: _Life, entry: Entry, times: int, at: int, used: Used) -> None:
        """Begin a life anew: put a response with a lower TTL in the place of the old one."""
        kept, key, response, size, _ = life
        known = kept.get(key)
        if known is None or known is not response:
            return
        ttl = int.from_bytes(known[at : at + 4], "big") - 1
        # Not taken out before: a dictionary whose keys come and go has holes to pass by.
        kept[key] = lower = known[:at] + ttl.to_bytes(4, "big") + known[at + 4 :]
        left = (entry, times - 1, at) if times > 1 else None
        self._ending[self._ended + 1 + TICKS].append((kept, key, lower, size, left))
        used(entry)

    def clear(self) -> None:
        """End all lives. The dictionaries stay the same objects: listeners hold them."""
        self.plain.clear()
        self.turning.clear()
        self.streams.clear()
        self.bytes = 0
        self._ending.clear()
