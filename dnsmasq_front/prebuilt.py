"""Responses that can go out again as they are: no parsing, no building.

Keyed by everything behind a query's ID, so letter case, EDNS, flags and type are told apart by
themselves. Each lives for a few ticks, LIFE_TICKS at most, so a TTL in it is never more than half
a second behind; then the cache makes it anew. How many ticks is drawn for each, so that names that
were asked together do not all have to be made anew together, which clients would feel.
Bounded in entries and octets; what does not fit is not kept. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from dnscore.wire.rotate import Rotation

TICK_S = 0.1
LIFE_TICKS = (2, 5)
"""Shortest and longest life."""
ENTRIES_MAX = 20_000
BYTES_MAX = 16 << 20


class Prebuilt:
    """The responses that can go out as they are."""

    def __init__(
        self,
        *,
        random_turn: Callable[[], int],
        entries_max: int = ENTRIES_MAX,
        bytes_max: int = BYTES_MAX,
    ) -> None:
        """`random_turn` gives whole numbers that spread the ends of lives."""
        self._random_turn = random_turn
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self.plain: dict[bytes, bytes] = {}
        """query[2:] -> response[2:]; the UDP listeners look here first."""
        self.turning: dict[bytes, Rotation] = {}
        """query[2:] -> a response whose addresses turn."""
        self.bytes = 0
        self._ending: deque[list[tuple[bytes, int]]] = deque([] for _ in range(LIFE_TICKS[1] + 1))
        """Keys and octets by the tick in which they end, the next one first."""

    def __len__(self) -> int:
        return len(self.plain) + len(self.turning)

    def keep(self, query: bytes, response: bytes) -> None:
        """Answer this query with this response for some ticks."""
        key = query[2:]
        if self._has_room(key, len(key) + len(response)):
            self.plain[key] = response[2:]

    def keep_turning(self, query: bytes, rotation: Rotation) -> None:
        """As `keep`, for a response whose addresses turn."""
        key = query[2:]
        if self._has_room(key, len(key) + rotation.size):
            self.turning[key] = rotation

    def _has_room(self, key: bytes, size: int) -> bool:
        if len(self) >= self._entries_max or self.bytes + size > self._bytes_max:
            return False
        if key in self.plain or key in self.turning:
            return False  # It lives already; its end is noted.
        self.bytes += size
        shortest, longest = LIFE_TICKS
        ticks = shortest + self._random_turn() % (longest - shortest + 1)
        self._ending[ticks].append((key, size))
        return True

    def tick(self) -> None:
        """End the lives that are over; to be called every TICK_S."""
        for key, size in self._ending.popleft():
            self.bytes -= size
            if self.plain.pop(key, None) is None:
                self.turning.pop(key, None)
        self._ending.append([])

    def clear(self) -> None:
        """End all lives. The dictionaries stay the same objects: listeners hold them."""
        self.plain.clear()
        self.turning.clear()
        self.bytes = 0
        for keys in self._ending:
            keys.clear()
