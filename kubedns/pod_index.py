"""Which pods there are, for `--pods=verified`: by namespace, by address, all addresses of each.

Packed: a pod costs its addresses as one bytes object and an entry by name and by address, and no
row. Pods of the host's network share the node's addresses, so an address may have several pods.
"""

from __future__ import annotations

from kubedns.reverse import ReverseIndex
from kubedns.rows import PodRow


class PodIndex:
    """The pods of a cluster."""

    def __init__(self) -> None:
        self._namespaces: dict[bytes, _Namespace] = {}
        self._count = 0

    def __len__(self) -> int:
        """Pods that have an address."""
        return self._count

    def set(self, namespace: bytes, name: str, row: PodRow | None) -> frozenset[bytes]:
        """Set or remove a pod; returns the addresses for which answers may differ now."""
        space = self._namespaces.get(namespace)
        if space is None:
            space = self._namespaces[namespace] = _Namespace()
        old = space.addresses_of(name)
        new = row.addresses if row is not None else ()
        touched: frozenset[bytes] = frozenset()
        if set(old) != set(new):
            space.replace(name, old, new)
            # A lookup by an address that stays shows the others as well.
            touched = frozenset((*old, *new))
        self._count += bool(new) - bool(old)
        if not space.packed:
            del self._namespaces[namespace]
        return touched

    def has_namespace(self, namespace: bytes) -> bool:
        """Whether a namespace has a pod with an address."""
        return namespace in self._namespaces

    def named(self, namespace: bytes, address: bytes) -> tuple[str, ...]:
        """The names of the pods in a namespace that have an address."""
        space = self._namespaces.get(namespace)
        return space.by_address.owners(address) if space is not None else ()

    def addresses(self, namespace: bytes, address: bytes) -> list[bytes]:
        """All addresses of the pods in a namespace that have this one; empty when none has."""
        space = self._namespaces.get(namespace)
        if space is None:
            return []
        found: dict[bytes, None] = {}
        for name in space.by_address.owners(address):
            found.update(dict.fromkeys(space.addresses_of(name)))
        return sorted(found, key=lambda ip: (len(ip), ip))


class _Namespace:
    """The pods of one namespace."""

    __slots__ = ("by_address", "packed")

    def __init__(self) -> None:
        self.packed: dict[str, bytes] = {}
        """By pod: its addresses, each behind an octet with its length."""
        self.by_address: ReverseIndex[str] = ReverseIndex()

    def addresses_of(self, name: str) -> list[bytes]:
        packed = self.packed.get(name, b"")
        found, at = [], 0
        while at < len(packed):
            end = at + 1 + packed[at]
            found.append(packed[at + 1 : end])
            at = end
        return found

    def replace(self, name: str, old: list[bytes], new: tuple[bytes, ...]) -> None:
        for address in old:
            self.by_address.discard(address, name)
        if not new:
            self.packed.pop(name, None)
            return
        for address in new:
            self.by_address.add(address, name)
        self.packed[name] = b"".join(bytes((len(address),)) + address for address in new)
