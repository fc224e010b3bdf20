"""What the cluster publishes, in canonical name order, and which names a change touches.

One SortedDict (RFC 4034 6.1), one entry per Service: what lies below a Service is derived from
its packed rows when asked for, so 150,000 endpoints cost their addresses and an index entry each.
Rows may come in any order, slices before their Service too; the result is the same.
Not thread-safe: it belongs to the thread that answers queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sortedcontainers import SortedDict

from kubedns.changes import Changes
from kubedns.dump import cache_text
from kubedns.endpoint_names import hash_label
from kubedns.external import Aliases, external_target
from kubedns.reverse import ROOTS, ReverseIndex
from kubedns.rows import ENDPOINT_SLICES, SERVICES, Batch, Key, ServiceRow, SliceRow
from kubedns.services import (
    SEPARATOR,
    SERVICE_BRANCH,
    ServiceNode,
    label_of,
    service_key,
    slice_endpoints,
)
from kubedns.zone import Zone, ZoneOptions

_HASHED_MAX = 20_000
"""Hash labels that are remembered; each is some 200 octets."""


class TreeCache:
    """The Services of a cluster with their endpoints."""

    def __init__(self, options: ZoneOptions) -> None:
        """Raises ValueError for a domain that is too long."""
        self.zone = Zone(options)
        self.serial = 0
        """Of the zone's SOA: the time of the newest change, and more with every change."""
        self._tree: Any = SortedDict()  # bytes -> ServiceNode whose row is there
        self._waiting: dict[bytes, ServiceNode] = {}  # slices whose Service is not there
        self._slices: dict[Key, SliceRow] = {}
        self._reverse: ReverseIndex[ServiceNode] = ReverseIndex()
        self._aliases = Aliases()
        self._listed: set[str] = set()
        self._hashed: dict[bytes, dict[bytes, bytes]] = {}
        namespace, name = (label_of(text) or b"" for text in options.dns_service)
        self._dns_service = service_key(namespace, name)

    @property
    def synced(self) -> bool:
        """Whether both resources had a full list: only then is a missing name known to be so."""
        return len(self._listed) == 2

    def __len__(self) -> int:
        """Services."""
        return len(self._tree)

    @property
    def slices(self) -> int:
        """EndpointSlices."""
        return len(self._slices)

    @property
    def addresses(self) -> int:
        """Addresses that have a name."""
        return len(self._reverse)

    def service(self, namespace: bytes, service: bytes) -> ServiceNode | None:
        """The Service of that name, folded labels."""
        node: ServiceNode | None = self._tree.get(service_key(namespace, service))
        return node

    def dns_service(self) -> ServiceNode | None:
        """The Service whose addresses the zone's name server has."""
        node: ServiceNode | None = self._tree.get(self._dns_service)
        return node

    def has_namespace(self, namespace: bytes) -> bool:
        """Whether a namespace has a Service."""
        prefix = SERVICE_BRANCH + SEPARATOR + namespace + SEPARATOR
        first = next(self._tree.irange(prefix), b"")
        return bool(first.startswith(prefix))

    def after(self, key: bytes) -> Iterator[ServiceNode]:
        """The Services behind a key, in canonical order. Changes invalidate the iterator."""
        for found in self._tree.irange(key, inclusive=(False, False)):
            yield self._tree[found]

    def dump(self) -> dict[str, Any]:
        """The tree in kube-dns's /cache shape, whole: for small clusters; see dump.cache_text."""
        tree: dict[str, Any] = json.loads("".join(cache_text(self)))
        return tree

    def owners(self, address: bytes) -> tuple[ServiceNode, ...]:
        """The Services that publish an address."""
        return self._reverse.owners(address)

    def hashed(self, node: ServiceNode) -> dict[bytes, bytes]:
        """The addresses of a Service by their hash labels; remembered until it changes."""
        table = self._hashed.get(node.key)
        if table is None:
            table = {hash_label(address): address for address in node.addresses()}
            if sum(map(len, self._hashed.values())) + len(table) > _HASHED_MAX:
                self._hashed.clear()
            self._hashed[node.key] = table
        return table

    def apply(self, batch: Batch, *, now_s: float = 0.0) -> frozenset[bytes]:
        """Take over changes; returns the names at and below which answers may differ now.

        They are folded wire names: of Services, of namespaces and reverse names. The batch that
        completes the first lists names the zone and both reverse zones; before that nobody was
        given an answer, and nothing is named. `now_s` (Unix time) goes into the serial; without
        it the serial counts the changes.
        """
        changes = Changes(self.zone, quiet=not self.synced)
        for key, row in batch.changes:
            if batch.resource == SERVICES:
                self._set_service(key, row if isinstance(row, ServiceRow) else None, changes)
            elif batch.resource == ENDPOINT_SLICES:
                self._set_slice(key, row if isinstance(row, SliceRow) else None, changes)
        if changes.any:
            # RFC 1982 3.1: addition wraps; now and then a burst of changes runs ahead of the clock.
            self.serial = max(self.serial + 1, int(now_s)) & 0xFFFFFFFF
        was_synced = self.synced
        if batch.synced:
            self._listed.add(batch.resource)
        if self.synced and not was_synced:
            return ROOTS | {self.zone.domain}
        return changes.names()

    def _set_service(self, key: Key, row: ServiceRow | None, changes: Changes) -> None:
        namespace, name = label_of(key[0]), label_of(key[1])
        if namespace is None or name is None:
            return
        tree_key = service_key(namespace, name)
        node: ServiceNode | None = self._tree.get(tree_key)
        if (node.row if node else None) == row:
            return
        branch = SERVICE_BRANCH + SEPARATOR + namespace
        if node is None:
            if not self.has_namespace(namespace):
                self._touch(branch, changes)
            node = self._waiting.pop(tree_key, None) or ServiceNode(tree_key)
            self._tree[tree_key] = node
        self._aliases.move(tree_key, external_target(node.row), external_target(row), self.zone)
        before = node.addresses()
        node.row = row
        self._index(node, before, node.addresses(), changes)
        if row is None:
            del self._tree[tree_key]
            if node.slices:
                self._waiting[tree_key] = node
            if not self.has_namespace(namespace):
                self._touch(branch, changes)
        self._touch(tree_key, changes)

    def _set_slice(self, key: Key, row: SliceRow | None, changes: Changes) -> None:
        old = self._slices.get(key)
        if old == row:
            return
        if row is None:
            self._slices.pop(key, None)
        else:
            self._slices[key] = row
        before, after = self._slice_owner(old), self._slice_owner(row)
        if before is not after and before is not None:
            self._replace_slice(before, old, None, changes)
            old = None
        if after is not None:
            self._replace_slice(after, old, row, changes)

    def _slice_owner(self, row: SliceRow | None) -> ServiceNode | None:
        """The node that a slice belongs to, made if need be."""
        namespace, name = (label_of(row.namespace), label_of(row.service)) if row else (None, None)
        if namespace is None or name is None:
            return None
        key = service_key(namespace, name)
        node: ServiceNode | None = self._tree.get(key)
        return node or self._waiting.setdefault(key, ServiceNode(key))

    def _replace_slice(
        self, node: ServiceNode, old: SliceRow | None, new: SliceRow | None, changes: Changes
    ) -> None:
        node.put_slice(old, new)
        if node.row is None and not node.slices:
            self._waiting.pop(node.key, None)
        if not node.is_headless:
            return  # A ClusterIP service answers with its own addresses, whatever is behind it.
        was = set(slice_endpoints(old)) if old else set()
        now = set(slice_endpoints(new)) if new else set()
        for address in {endpoint.address for endpoint in was ^ now}:
            if node.has_address(address):
                self._reverse.add(address, node)
            else:
                self._reverse.discard(address, node)
            changes.add_address(address)
        self._touch(node.key, changes)

    def _index(
        self, node: ServiceNode, before: list[bytes], after: list[bytes], changes: Changes
    ) -> None:
        """Follow a change of the addresses that a Service publishes."""
        for address in set(before).difference(after):
            self._reverse.discard(address, node)
            changes.add_address(address)
        for address in set(after).difference(before):
            self._reverse.add(address, node)
            changes.add_address(address)

    def _touch(self, key: bytes, changes: Changes) -> None:
        """Note that answers at and below a key differ, and where names lead there."""
        self._hashed.pop(key, None)
        if changes.quiet:
            changes.any = True
            return
        for touched in self._aliases.leading_to(key):
            changes.add_key(touched)
        if key == self._dns_service:
            changes.add_name(self.zone.name_server)
