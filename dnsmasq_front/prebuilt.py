"""Responses that can go out again as they are: no parsing, no building.

Keyed by everything behind a query's ID, so letter case, EDNS, flags and type are told apart by
themselves. Each lives until its TTLs have to fall, to a tick; then the cache makes it anew.
Bounded in entries and octets; what does not fit is not kept. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable

from dnscore.wire.rotate import Rotation

TICK_S = 0.1
LIFE_TICKS = 10
"""Longest life: TTLs fall every second."""
ENTRIES_MAX = 20_000
BYTES_MAX = 16 << 20


class Prebuilt:
    """The responses that can go out as they are."""

    def __init__(
        self,
        *,
        entries_max: int = ENTRIES_MAX,
        bytes_max: int = BYTES_MAX,
    ) -> None:
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self.plain: dict[bytes, bytes] = {}
        """query[2:] -> response[2:]; the UDP listeners look here first."""
        self.turning: dict[bytes, Rotation] = {}
        """query[2:] -> a response whose addresses turn."""
        self.streams: dict[bytes, Rotation] = {}
        """As `turning`, for TCP: all of its responses, which may be longer."""
        self.bytes = 0
        self._ending: deque[list[tuple[bytes, bytes | Rotation]]] = deque(
            [] for _ in range(LIFE_TICKS)
        )
        """Keys with what is kept under them, by the tick in which they end, the next one first."""
        self._rotations = (self.turning, self.streams)

    def __len__(self) -> int:
        return len(self.plain) + len(self.turning) + len(self.streams)

    def keep(self, query: bytes, response: bytes, *, life_s: float) -> bool:
        """Answer this query with this response for a time; whether that is new."""
        key, answer = query[2:], response[2:]
        if not self._has_room(self.plain, key, len(answer)):
            return False
        self.plain[key] = answer
        self._note_end(key, answer, life_s)
        return True

    def keep_turning(self, query: bytes, rotation: Rotation, *, life_s: float) -> bool:
        """As `keep`, for a response whose addresses turn."""
        return self._keep_rotation(self.turning, query[2:], rotation, life_s)

    def keep_stream(self, query: bytes, rotation: Rotation, *, life_s: float) -> bool:
        """As `keep`, for a query that came over TCP."""
        return self._keep_rotation(self.streams, query[2:], rotation, life_s)

    def _keep_rotation(
        self, kept: dict[bytes, Rotation], key: bytes, rotation: Rotation, life_s: float
    ) -> bool:
        if not self._has_room(kept, key, rotation.size):
            return False
        kept[key] = rotation
        self._note_end(key, rotation, life_s)
        return True

    def _has_room(self, kept: Container[bytes], key: bytes, size: int) -> bool:
        size += len(key)
        if len(self) >= self._entries_max or self.bytes + size > self._bytes_max:
            return False
        if key in kept:
            return False  # It lives already; its end is noted.
        self.bytes += size
        return True

    def _note_end(self, key: bytes, kept: bytes | Rotation, life_s: float) -> None:
        ticks = min(max(int(life_s / TICK_S), 0), LIFE_TICKS - 1)
        self._ending[ticks].append((key, kept))

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

    def tick(self) -> None:
        """End the lives that are over; to be called every TICK_S."""
        over = self._ending.popleft()
        # What was dropped and kept anew since has another end.
        self.drop([key for key, kept in over if self._keeps(key, kept)])
        self._ending.append([])

    def _keeps(self, key: bytes, kept: bytes | Rotation) -> bool:
        tables = (self.plain, self.turning, self.streams)
        return any(table.get(key) is kept for table in tables)

    def clear(self) -> None:
        """End all lives. The dictionaries stay the same objects: listeners hold them."""
        self.plain.clear()
        self.turning.clear()
        self.streams.clear()
        self.bytes = 0
        for keys in self._ending:
            keys.clear()
