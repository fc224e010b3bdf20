"""The names that a batch of changes touches, collected in bounds."""

from __future__ import annotations

from collections.abc import Iterable

from dnscore.wire import names
from kubedns.reverse import IPV4_ROOT, IPV6_ROOT, reverse_name
from kubedns.services import SEPARATOR
from kubedns.zone import Zone

REVERSE_MAX = 1024
"""Reverse names that are named one by one; of more, the whole reverse zone is."""


class Changes:
    """Names at and below which answers may differ."""

    def __init__(self, zone: Zone, *, quiet: bool) -> None:
        """`quiet`: only note whether anything changed."""
        self.quiet = quiet
        self.any = False
        self._zone = zone
        self._names: set[bytes] = set()
        self._addresses: set[bytes] = set()

    def add_key(self, key: bytes) -> None:
        """The name of a tree key."""
        self.add_name(key_name(key, self._zone))

    def add_name(self, name: bytes) -> None:
        """A folded wire name."""
        self.any = True
        self._names.add(name)

    def add_addresses(self, addresses: Iterable[bytes]) -> None:
        """The reverse names of packed addresses."""
        if not self.quiet:
            self._addresses.update(addresses)

    def names(self) -> frozenset[bytes]:
        """All of them."""
        if len(self._addresses) > REVERSE_MAX:
            sizes = {len(address) for address in self._addresses}
            roots = {IPV4_ROOT if size == 4 else IPV6_ROOT for size in sizes}
            return frozenset(self._names | roots)
        return frozenset(self._names | {reverse_name(address) for address in self._addresses})


def key_name(key: bytes, zone: Zone) -> bytes:
    """The wire name of a tree key."""
    return names.from_labels(key.split(SEPARATOR)[::-1])[:-1] + zone.domain
