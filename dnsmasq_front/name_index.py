"""Which entries stand at and below a name, without a look at all the others.

Names are kept in the order of their labels from the right, in which all that lies below a name
stands behind it: a name costs the same however many labels it has. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from sortedcontainers import SortedDict

_BEHIND_LABELS = b"\x40"
"""More than the length of any label (RFC 1035 3.1)."""


def place_of(name: bytes) -> bytes:
    """Where a folded wire name stands: its labels from the right, each behind its length."""
    labels = []
    at = 0
    while size := name[at]:
        labels.append(name[at : at + size + 1])
        at += size + 1
    labels.reverse()
    return b"".join(labels)


class NameIndex:
    """Keys of entries by the places of names."""

    def __init__(self) -> None:
        self._keys = SortedDict()

    def __len__(self) -> int:
        """Names that have a key."""
        return len(self._keys)

    # HOT: once per entry stored.
    def add(self, place: bytes, key: bytes) -> None:
        """Note that an entry depends on the name at a place; each key once."""
        known = self._keys.get(place)
        self._keys[place] = (key,) if known is None else (*known, key)

    def discard(self, place: bytes, key: bytes) -> None:
        """Undo `add`; harmless when there is nothing to undo."""
        left = tuple(one for one in self._keys.get(place, ()) if one != key)
        if left:
            self._keys[place] = left
        else:
            self._keys.pop(place, None)

    def below(self, name: bytes) -> Iterator[bytes]:
        """The keys at and below a folded wire name. It must not be changed meanwhile."""
        place = place_of(name)
        for at in self._keys.irange(place, place + _BEHIND_LABELS, (True, False)):
            yield from self._keys[at]

    def clear(self) -> None:
        """Forget all names."""
        self._keys.clear()
