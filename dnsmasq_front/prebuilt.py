"""Responses that can go out again as they are: no parsing, no building.

Keyed by everything behind a query's ID, so letter case, EDNS, flags and type are told apart by
themselves. They live for one epoch (EPOCH_S), so a TTL in them is never more than that behind;
then the cache makes them anew. Bounded in entries and octets; what does not fit is not kept.
"""

from __future__ import annotations

from dnscore.wire.rotate import Rotation

EPOCH_S = 0.5
ENTRIES_MAX = 20_000
BYTES_MAX = 16 << 20


class Prebuilt:
    """The prebuilt responses of this epoch."""

    def __init__(self, *, entries_max: int = ENTRIES_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self.plain: dict[bytes, bytes] = {}
        """query[2:] -> response[2:]; the UDP listeners look here first."""
        self.turning: dict[bytes, Rotation] = {}
        """query[2:] -> a response whose addresses turn."""
        self.bytes = 0

    def __len__(self) -> int:
        return len(self.plain) + len(self.turning)

    def keep(self, query: bytes, response: bytes) -> None:
        """Answer this query with this response until the epoch ends."""
        if self._has_room(len(query) + len(response)):
            self.plain[query[2:]] = response[2:]

    def keep_turning(self, query: bytes, rotation: Rotation) -> None:
        """As `keep`, for a response whose addresses turn."""
        if self._has_room(len(query) + rotation.size):
            self.turning[query[2:]] = rotation

    def _has_room(self, size: int) -> bool:
        if len(self) >= self._entries_max or self.bytes + size > self._bytes_max:
            return False
        self.bytes += size
        return True

    def clear(self) -> None:
        """End the epoch. The dictionaries stay the same objects: listeners hold them."""
        self.plain.clear()
        self.turning.clear()
        self.bytes = 0
