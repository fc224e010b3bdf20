"""Which entries stand at and below a name, without a look at all the others.

Names are kept in the order of their labels from the right, in which all that lies below a name
stands behind it: a name costs the same however many labels it has. They are put in order when
somebody asks, not when they come: most names of a storm have gone again by then. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from sortedcontainers import SortedList

_BEHIND_LABELS = b"\x40"
"""More than the length of any label (RFC 1035 3.1)."""
_ANEW_SHARE = 8
"""When more than one in so many names has come or gone, all are put in order anew."""


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
        self._keys: dict[bytes, tuple[bytes, ...]] = {}
        self._ordered = SortedList()
        self._come: set[bytes] = set()
        """Places that have a key and are not in order yet."""
        self._gone: set[bytes] = set()
        """Places in order that have no key any more."""

    def __len__(self) -> int:
        """Names that have a key."""
        return len(self._keys)

    # HOT: once per entry stored.
    def add(self, place: bytes, key: bytes) -> None:
        """Note that an entry depends on the name at a place; each key once."""
        known = self._keys.get(place)
        if known is not None:
            self._keys[place] = (*known, key)
            return
        self._keys[place] = (key,)
        if place in self._gone:
            self._gone.remove(place)
        else:
            self._come.add(place)

    # HOT: once per entry removed.
    def discard(self, place: bytes, key: bytes) -> None:
        """Undo `add`; harmless when there is nothing to undo."""
        known = self._keys.get(place)
        if known is None:
            return
        left = tuple([one for one in known if one != key])
        if left:
            self._keys[place] = left
            return
        del self._keys[place]
        if place in self._come:
            self._come.remove(place)
        else:
            self._gone.add(place)

    def below(self, name: bytes) -> Iterator[bytes]:
        """The keys at and below a folded wire name. It must not be changed meanwhile."""
        self._put_in_order()
        place = place_of(name)
        for at in self._ordered.irange(place, place + _BEHIND_LABELS, (True, False)):
            yield from self._keys[at]

    def _put_in_order(self) -> None:
        if (len(self._come) + len(self._gone)) * _ANEW_SHARE > len(self._keys):
            self._ordered = SortedList(self._keys)
        else:
            for place in self._gone:
                self._ordered.remove(place)
            self._ordered.update(self._come)
        self._come.clear()
        self._gone.clear()

    def clear(self) -> None:
        """Forget all names."""
        self._keys.clear()
        self._ordered.clear()
        self._come.clear()
        self._gone.clear()
