"""Answers kept as bytes, by the exact packet that asked for them, until a name they need changes.

A key is the query behind its ID: spelling, flags, EDNS and type are all in it. Bounded in entries
and octets; when full it is emptied, which costs each live name one rebuilt answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from dnscore.wire.rotate import Rotation

ENTRIES_MAX = 10_000
OCTETS_MAX = 8 << 20
ENTRY_OVERHEAD = 400
"""What the dictionaries and objects of an entry take beside the bytes in it."""


class AnswerStore:
    """Responses behind their IDs. `fixed` never change, `turning` show another order each time."""

    def __init__(self, *, entries_max: int = ENTRIES_MAX, octets_max: int = OCTETS_MAX) -> None:
        self.fixed: dict[bytes, bytes] = {}
        self.turning: dict[bytes, Rotation] = {}
        self.octets = 0
        self._entries_max = entries_max
        self._octets_max = octets_max
        self._depends: dict[bytes, tuple[bytes, ...]] = {}
        self._keys: dict[bytes, set[bytes]] = {}

    def __len__(self) -> int:
        return len(self._depends)

    def put(self, key: bytes, response: bytes | Rotation, depends: tuple[bytes, ...]) -> None:
        """Keep a response that holds until one of the names in `depends` is dropped."""
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
        if isinstance(response, Rotation):
            self.turning[key] = response
        else:
            self.fixed[key] = response

    def drop(self, names: Iterable[bytes]) -> None:
        """Forget every response that depends on one of these names."""
        for name in names:
            for key in tuple(self._keys.get(name, ())):
                self._drop_key(key)

    def clear(self) -> None:
        """Forget all; the dictionaries stay the same objects."""
        for held in (self.fixed, self.turning, self._depends, self._keys):
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
        fixed = self.fixed.pop(key, None)
        response = self.turning.pop(key) if fixed is None else fixed
        self.octets -= _size(key, response)


def _size(key: bytes, response: bytes | Rotation) -> int:
    held = response.size if isinstance(response, Rotation) else len(response)
    return len(key) + held + ENTRY_OVERHEAD
