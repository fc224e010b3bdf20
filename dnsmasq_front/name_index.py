"""Which entries stand at and below a name, without a look at all the others.

Names are folded wire names. Each is linked from the name above it, so that what lies below a name
is found from the top; a name that nothing hangs on any more is taken out with its links. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator


class NameIndex:
    """Keys of entries by name."""

    def __init__(self) -> None:
        self._keys: dict[bytes, tuple[bytes, ...]] = {}
        self._children: dict[bytes, set[bytes]] = {}

    def __len__(self) -> int:
        """Names that have a key."""
        return len(self._keys)

    @property
    def links(self) -> int:
        """Links from a name to one below it."""
        return sum(map(len, self._children.values()))

    # HOT: once per entry stored.
    def add(self, name: bytes, key: bytes) -> None:
        """Note that an entry depends on a name; each key once."""
        keys = self._keys
        known = keys.get(name)
        if known is not None:
            keys[name] = (*known, key)
            return
        keys[name] = (key,)
        children = self._children
        while len(name) > 1:
            above = name[name[0] + 1 :]
            siblings = children.get(above)
            if siblings is not None:
                # Who has anything below is linked itself.
                siblings.add(name)
                return
            children[above] = {name}
            name = above

    def discard(self, name: bytes, key: bytes) -> None:
        """Undo `add`; harmless when there is nothing to undo."""
        left = tuple(one for one in self._keys.get(name, ()) if one != key)
        if left:
            self._keys[name] = left
            return
        if self._keys.pop(name, None) is None:
            return
        children = self._children
        while len(name) > 1 and name not in self._keys and name not in children:
            above = name[name[0] + 1 :]
            siblings = children.get(above)
            if siblings is None:
                return
            siblings.discard(name)
            if siblings:
                return
            del children[above]
            name = above

    def below(self, name: bytes) -> Iterator[bytes]:
        """The keys at and below a name. It must not be changed meanwhile."""
        to_do = [name]
        while to_do:
            at = to_do.pop()
            yield from self._keys.get(at, ())
            to_do += self._children.get(at, ())

    def clear(self) -> None:
        """Forget all names."""
        self._keys.clear()
        self._children.clear()
