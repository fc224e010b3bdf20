"""What the cluster publishes, in canonical name order, and which names a change touches.

One SortedDict (RFC 4034 6.1), one entry per Service: what lies below a Service is derived from
its packed rows when asked for, so 150,000 endpoints cost their addresses and an index entry each.
Rows may come in any order, slices before their Service too; the result is the same. Namespaces
and pods are kept beside the tree: the ones only say that a name exists, the others only matter
to `--pods=verified`.
Not thread-safe: it belongs to the thread that answers queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sortedcontainers import SortedDict

from kubedns.changes import Changes, key_name
from kubedns.dump import cache_text
from kubedns.endpoint_names import hash_label
from kubedns.external import Aliases, external_target
from kubedns.federation import Federations, Place
from kubedns.pod_index import PodIndex
from kubedns.pod_names import VERIFIED, pod_key, touched_by_pod
from kubedns.reverse import ROOTS, ReverseIndex
from kubedns.rows import (
    ENDPOINT_SLICES,
    NAMESPACES,
    PODS,
    SERVICES,
    Batch,
    Key,
    NamespaceRow,
    PodRow,
    ServiceRow,
    SliceRow,
)
from kubedns.serial import Serial
from kubedns.services import (
    SEPARATOR,
    SERVICE_BRANCH,
    ServiceNode,
    differing_addresses,
    label_of,
    service_key,
)
from kubedns.wildcard_names import WildcardNames
from kubedns.zone import NAME_SERVER_KEY, Zone, ZoneOptions

_HASHED_MAX = 20_000
"""Hash labels that are remembered; each is some 200 octets."""


class TreeCache:
    """The Services of a cluster with their endpoints."""

    def __init__(self, options: ZoneOptions, *, place: Place = lambda: None) -> None:
        """`place` tells the nodes' zone and region. Raises ValueError for too long a domain."""
        self.zone = Zone(options)
        self.synced = False
        """Whether each resource had a full list: only then is a missing name known to be so.
        Namespaces are not waited for, as not every role allows to list them."""
        self.federations = Federations(place=place)
        self.pods = PodIndex()
        """Empty unless pods are verified."""
        self.wildcards = WildcardNames(self.zone)
        self._serial = Serial()
        self._verified = options.pods == VERIFIED
        self._missing = {SERVICES, ENDPOINT_SLICES} | ({PODS} if self._verified else set())
        self._namespaces: set[bytes] = set()
        self._tree: Any = SortedDict()  # bytes -> ServiceNode whose row is there
        self._waiting: dict[bytes, ServiceNode] = {}  # slices whose Service is not there
        self._slices: dict[Key, SliceRow] = {}
        self._reverse: ReverseIndex[ServiceNode] = ReverseIndex(parts=64)
        self._aliases = Aliases()
        self._hashed: dict[bytes, dict[bytes, bytes]] = {}
        namespace, name = (label_of(text) or b"" for text in options.dns_service)
        self._dns_service = service_key(namespace, name)

    @property
    def serial(self) -> int:
        """Of the zone's SOA."""
        return self._serial.value

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
        """Whether there is a namespace: one that was listed, or that has a Service."""
        return namespace in self._namespaces or next(self.services_in(namespace), None) is not None

    def services_in(self, namespace: bytes) -> Iterator[ServiceNode]:
        """The Services of a namespace, in canonical order. Changes invalidate the iterator."""
        prefix = SERVICE_BRANCH + SEPARATOR + namespace + SEPARATOR
        for found in self._tree.irange(prefix):
            if not found.startswith(prefix):
                return
            yield self._tree[found]

    def namespaces_with_services(self) -> Iterator[bytes]:
        """The namespaces that have a Service, in canonical order."""
        key = SERVICE_BRANCH
        while (node := next(self.after(key), None)) is not None:
            namespace = node.key.split(SEPARATOR)[1]
            yield namespace
            key = service_key(namespace, b"\xff")  # behind every Service of the namespace

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

        They are folded wire names: of Services, namespaces and pods, reverse names, and what
        somebody asked with a `*` in it. The batch that completes the first lists names the zone
        and both reverse zones; before that nobody was given an answer, and nothing is named.
        `now_s` (Unix time) goes into the serial where the server's versions are no numbers.
        """
        changes = Changes(self.zone, quiet=not self.synced)
        for key, row in batch.changes:
            if batch.resource == SERVICES:
                self._set_service(key, row if isinstance(row, ServiceRow) else None, changes)
            elif batch.resource == ENDPOINT_SLICES:
                self._set_slice(key, row if isinstance(row, SliceRow) else None, changes)
            elif batch.resource == NAMESPACES:
                self._set_namespace(key, isinstance(row, NamespaceRow), changes)
            elif batch.resource == PODS and self._verified:
                self._set_pod(key, row if isinstance(row, PodRow) else None, changes)
        self._serial.advance(batch.newest, now_s=now_s, changed=changes.any, told=self.synced)
        if batch.synced:
            self._missing.discard(batch.resource)
        if not self.synced and not self._missing:
            self.synced = True
            return ROOTS | {self.zone.domain}
        return changes.names()

    def set_federations(self, domains: Mapping[str, str]) -> frozenset[bytes]:
        """Take a checked configuration, domain suffix by federation; returns as `apply` does."""
        if self.federations.replace(domains) and self.synced:
            return frozenset((self.zone.domain,))
        return frozenset()

    def _set_service(self, key: Key, row: ServiceRow | None, changes: Changes) -> None:
        namespace, name = label_of(key[0]), label_of(key[1])
        if namespace is None or name is None:
            return
        tree_key = service_key(namespace, name)
        node: ServiceNode | None = self._tree.get(tree_key)
        if (node.row if node else None) == row:
            return
        if node is None:
            if not (changes.quiet or self.has_namespace(namespace)):
                self._touch_namespace(namespace, changes)
            node = self._waiting.pop(tree_key, None) or ServiceNode(tree_key)
            self._tree[tree_key] = node
        self._aliases.move(tree_key, external_target(node.row), external_target(row), self.zone)
        before, was_headless = set(node.addresses()), node.is_headless
        node.row = row
        after = set(node.addresses())
        self._index(node, before - after, after - before, changes)
        if node.is_headless != was_headless:
            # Their PTR records lead to the Service, or to an endpoint.
            changes.add_addresses(before & after)
        if row is None:
            del self._tree[tree_key]
            if node.slices:
                self._waiting[tree_key] = node
            if not self.has_namespace(namespace):
                self._touch_namespace(namespace, changes)
        self._touch(tree_key, changes)

    def _set_namespace(self, key: Key, is_there: bool, changes: Changes) -> None:
        label = label_of(key[1])
        if label is None or is_there is (label in self._namespaces):
            return
        existed = self.has_namespace(label)
        (self._namespaces.add if is_there else self._namespaces.discard)(label)
        if existed != self.has_namespace(label):
            self._touch_namespace(label, changes)

    def _set_pod(self, key: Key, row: PodRow | None, changes: Changes) -> None:
        namespace = label_of(key[0])
        if namespace is None:
            return
        existed = self.pods.has_namespace(namespace)
        addresses = self.pods.set(namespace, key[1], row)
        if not addresses:
            return
        if changes.quiet:
            changes.any = True
            return
        parent = pod_key(namespace)
        if existed != self.pods.has_namespace(namespace):
            self._touch(parent, changes)
        for name in touched_by_pod(addresses, key_name(parent, self.zone)):
            changes.add_name(name)
        for alias in self._aliases.leading_to(parent) - {parent}:
            self._touch(alias, changes)

    def _set_slice(self, key: Key, row: SliceRow | None, changes: Changes) -> None:
        old = self._slices.get(key)
        if old == row:
            return
        if row is None:
            self._slices.pop(key, None)
        else:
            self._slices[key] = row
        before = after = self._slice_owner(old)
        if not (old and row and old.service == row.service and old.namespace == row.namespace):
            after = self._slice_owner(row)
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
        was_ready = node.has_endpoints()
        node.put_slice(old, new)
        if node.row is None and not node.slices:
            self._waiting.pop(node.key, None)
        if not node.is_headless:
            # A ClusterIP service answers with its own addresses, whatever is behind it. Only a
            # federation asks whether anything is.
            if self.federations and node.has_endpoints() != was_ready:
                self._touch(node.key, changes)
            return
        self._index(node, *differing_addresses(old, new), changes)
        self._touch(node.key, changes)

    def _index(
        self, node: ServiceNode, gone: set[bytes], come: set[bytes], changes: Changes
    ) -> None:
        """Follow a change of the addresses that a Service publishes."""
        self._reverse.add_all(come, node)
        for address in gone:
            if not node.has_address(address):  # in another slice, or a second time in one
                self._reverse.discard(address, node)
        changes.add_addresses(come)
        changes.add_addresses(gone)

    def _touch_namespace(self, namespace: bytes, changes: Changes) -> None:
        """Note that a namespace comes or goes."""
        self._touch(SERVICE_BRANCH + SEPARATOR + namespace, changes)
        if self._verified:
            self._touch(pod_key(namespace), changes)

    def _touch(self, key: bytes, changes: Changes) -> None:
        """Note that answers at and below a key differ, and where names lead there."""
        self._hashed.pop(key, None)
        if changes.quiet:
            changes.any = True
            return
        touched = self._aliases.leading_to(key)
        if self._dns_service in touched:
            touched |= self._aliases.leading_to(NAME_SERVER_KEY)
        if self.federations:
            touched |= self._touch_federated(touched, changes)
        for one in touched:
            changes.add_key(one)
            for name in self.wildcards.asked_about(one):
                changes.add_name(name)

    def _touch_federated(self, keys: set[bytes], changes: Changes) -> set[bytes]:
        """Note the names of Services in federations; returns the keys of aliases to those."""
        found: set[bytes] = set()
        ahead = set(keys)
        while ahead:
            parts = ahead.pop().split(SEPARATOR)
            if len(parts) != 3:
                continue
            for federation in self.federations:
                changes.add_key(SEPARATOR.join((SERVICE_BRANCH, federation, *parts[1:])))
                target = service_key(federation, parts[1])
                aliases = self._aliases.leading_to(target) - {target} - keys - found
                found |= aliases
                ahead |= aliases
        return found
