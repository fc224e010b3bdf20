"""Answers kept as bytes, by the exact packet that asked for them, until a name they need changes.

A key is the query behind its ID: spelling, flags, EDNS and type are all in it. Bounded in entries
and octets; when full it is emptied, which costs each live name one rebuilt answer.
Entries whose hits count alike share a dictionary or a tally, so that counting costs an addition.
"""

from __future__ import annotations

from collections.abc import Iterable

from dnscore.wire.const import NXDOMAIN, RCODE_MASK
from dnscore.wire.rotate import Rotation
from kubedns.counters import Tally

ENTRIES_MAX = 10_000
OCTETS_MAX = 8 << 20
ENTRY_OVERHEAD = 400
"""What the dictionaries and objects of an entry take beside the bytes in it."""


class Tallied:
    """A response that is counted one by one; it may show another order of its records each time."""

    __slots__ = ("fixed", "tally", "turning")

    def __init__(self, response: bytes | Rotation, tally: Tally) -> None:
        self.turning = None if isinstance(response, bytes) else response
        self.fixed = response if isinstance(response, bytes) else b""
        self.tally = tally

    @property
    def size(self) -> int:
        """Octets held."""
        return len(self.fixed) if self.turning is None else self.turning.size


class AnswerStore:
    """Responses behind their IDs: `fixed` and `absent` (NXDOMAIN) for listeners, and `tallied`."""

    def __init__(self, *, entries_max: int = ENTRIES_MAX, octets_max: int = OCTETS_MAX) -> None:
        self.fixed: dict[bytes, bytes] = {}
        self.absent: dict[bytes, bytes] = {}
        self.tallied: dict[bytes, Tallied] = {}
        self.octets = 0
        self._entries_max = entries_max
        self._octets_max = octets_max
        self._depends: dict[bytes, tuple[bytes, ...]] = {}
        self._keys: dict[bytes, set[bytes]] = {}

    def __contains__(self, key: bytes) -> bool:
        return key in self._depends

    def __len__(self) -> int:
        return len(self._depends)

    def put(self, key: bytes, response: bytes | Tallied, depends: tuple[bytes, ...]) -> None:
        """Keep a response that holds until one of the names in `depends` is dropped.

        As bytes it must be one of those that listeners give out and count.
        """
        self._drop_key(key)
        size = _size(key, response)
        if len(self) >= self._entries_max or self.octets + size > self._octets_max:
            self.clear()
        if size > self._octets_max:
            return
        self.octets += size
        self._depends[key] = depends
        for name in depends:
            self._keys.setdefault(name, set()).add(key)
        if isinstance(response, Tallied):
            self.tallied[key] = response
        elif response[1] & RCODE_MASK == NXDOMAIN:
            self.absent[key] = response
        else:
            self.fixed[key] = response

    def drop(self, names: Iterable[bytes]) -> None:
        """Forget every response that depends on one of these names."""
        for name in names:
            for key in tuple(self._keys.get(name, ())):
                self._drop_key(key)

    def clear(self) -> None:
        """Forget all; the dictionaries stay the same objects."""
        for held in (self.fixed, self.absent, self.tallied, self._depends, self._keys):
            held.clear()
        self.octets = 0

    def _drop_key(self, key: bytes) -> None:
        depends = self._depends.pop(key, None)
        if depends is None:
            return
        for name in depends:
            keys = self._keys.get(name)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._keys[name]
        response = self.fixed.pop(key, None) or self.absent.pop(key, None)
        self.octets -= _size(key, response if response is not None else self.tallied.pop(key))


def _size(key: bytes, response: bytes | Tallied) -> int:
    held = response.size if isinstance(response, Tallied) else len(response)
    return len(key) + held + ENTRY_OVERHEAD
