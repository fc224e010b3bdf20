"""What there is at a name of the zone, whatever type is asked for.

Kubernetes DNS-Based Service Discovery 1.1.0 section 2; names of pods, of nameless endpoints and in
federations as kube-dns has them. Labels come folded, in the order in which the name is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from dnscore.dnsconfig import is_label
from dnscore.wire.build import Record
from dnscore.wire.const import NAME_MAX
from kubedns import federation
from kubedns.changes import key_name
from kubedns.endpoint_names import dashed_address, is_hash_label, shown_label
from kubedns.external import external_target
from kubedns.pod_names import DISABLED, VERIFIED, pod_address, touched_by_pod
from kubedns.records import SRV_PRIORITY, Target, text_record
from kubedns.services import SERVICE_BRANCH, Endpoint, ServiceNode
from kubedns.treecache import TreeCache
from kubedns.zone import SCHEMA_VERSION, SCHEMA_VERSION_TTL_S


class Content(NamedTuple):
    """The records at a name, by what they are made from."""

    exists: bool = True
    """False: NXDOMAIN. An existing name may have no records: something is below it."""
    depends: tuple[bytes, ...] = ()
    """See Answer.depends."""
    addresses: Sequence[bytes] = ()
    """Packed, of both families."""
    targets: Callable[[], list[Target]] | None = None
    """The SRV records; computed only for who asks, as hash labels take a while."""
    alias: bytes | None = None
    """Target of a CNAME."""
    record: Record | None = None
    """A record of some other type."""
    is_apex: bool = False
    ttl_s: int | None = None
    """Of the records here and of those an alias leads to; None for what is usual."""
    srv_priority: int = SRV_PRIORITY
    volatile: bool = False
    """Whether it may change without a word, so that the answer must not be kept."""


NOTHING = Content(exists=False)
EMPTY = Content()
"""An empty non-terminal (RFC 8020 2): NODATA for every type."""


def content_at(tree: TreeCache, name: bytes, labels: Sequence[bytes]) -> Content:
    """What is at `name`, whose labels below the zone are `labels`."""
    if not labels:
        return Content(is_apex=True)
    branch, depth = labels[-1], len(labels)
    if branch == SERVICE_BRANCH:
        return _below_services(tree, name, labels)
    if branch == b"pod":
        return _below_pods(tree, name, labels)
    if branch == b"dns-version" and depth == 1:
        text = text_record(name, SCHEMA_VERSION, ttl_s=SCHEMA_VERSION_TTL_S)
        return Content(record=text)
    if branch == b"dns" and depth == 1:
        return EMPTY
    if branch == b"dns" and depth == 2 and labels[0] == b"ns":
        node = tree.dns_service()
        return Content(depends=(name,), addresses=node.addresses() if node else ())
    return NOTHING


def _below_pods(tree: TreeCache, name: bytes, labels: Sequence[bytes]) -> Content:
    kind = tree.zone.options.pods
    if kind == DISABLED or len(labels) > 3:
        return NOTHING
    if len(labels) == 1:
        return EMPTY
    namespace = labels[-2]
    if len(labels) == 2:
        if kind == VERIFIED:
            exists = tree.has_namespace(namespace) or tree.pods.has_namespace(namespace)
            return Content(exists=exists, depends=(name,))
        # Every namespace has the pod names that kube-dns makes up, so <ns>.pod is there for every
        # <ns>: an NXDOMAIN would deny the names below it (RFC 8020 2).
        return EMPTY
    address = pod_address(labels)
    if address is None:
        return NOTHING
    if kind != VERIFIED:
        return Content(addresses=(address,))
    found = tree.pods.addresses(namespace, address)
    depends = (next(touched_by_pod((address,), name[1 + len(labels[0]) :])),)
    return Content(exists=bool(found), addresses=found, depends=depends)


def _below_services(tree: TreeCache, name: bytes, labels: Sequence[bytes]) -> Content:
    depth = len(labels)
    if depth == 1:
        return EMPTY
    if depth == 2:
        return Content(exists=tree.has_namespace(labels[0]), depends=(name,))
    node = tree.service(labels[-2], labels[-3])
    # The service's own name: `name` without the labels in front.
    skipped = sum(map(len, labels[:-3])) + depth - 3
    depends = (name[skipped:],)
    found = of_service(tree, node, labels[:-3]) if node else NOTHING
    if not found.exists and depth == 4 and labels[2] in tree.federations:
        return _federated(tree, name, labels, depends)
    return found._replace(depends=depends)


def _federated(
    tree: TreeCache, name: bytes, labels: Sequence[bytes], depends: tuple[bytes, ...]
) -> Content:
    """`<service>.<namespace>.<federation>.svc`, where nothing else has that name.

    Unlike kube-dns, in which a federation hides the pod hostnames of a namespace of its name.
    """
    service, namespace, federated = labels[:3]
    if not (is_label(service.decode("latin-1")) and is_label(namespace.decode("latin-1"))):
        return Content(exists=False, depends=depends)
    depends += (name,)
    node = tree.service(namespace, service)
    if node and node.row and (node.has_endpoints() or node.row.external_name):
        return _federated_alias(key_name(node.key, tree.zone), depends, volatile=False)
    target = tree.federations.elsewhere(service, namespace, federated)
    # Where the nodes are may come to be known, and nobody tells.
    return _federated_alias(target, depends, volatile=True)


def _federated_alias(
    target: bytes | None, depends: tuple[bytes, ...], *, volatile: bool
) -> Content:
    return Content(
        depends=depends,
        alias=target,
        ttl_s=federation.TTL_S,
        srv_priority=federation.SRV_PRIORITY,
        volatile=volatile,
    )


def of_service(
    tree: TreeCache, node: ServiceNode, front: Sequence[bytes], *, hashes: bool = True
) -> Content:
    """What a Service has at the labels in front of its name.

    `hashes`: whether hash labels are looked for, which costs a hash for every endpoint.
    """
    if node.row is not None and node.row.external_name:
        return NOTHING if front else Content(alias=external_target(node.row))
    if not node.has_addresses():
        return NOTHING  # Specification 2.4.1: no ready endpoint, no name.
    if not front:
        addresses = node.addresses()
        return Content(addresses=addresses, targets=partial(_bare_targets, tree, node))
    if front[-1].startswith(b"_"):
        return _of_ports(tree, node, front, hashes=hashes)
    if len(front) > 1:
        return NOTHING
    addresses = labelled(tree, node, front[0], hashes=hashes)
    if not addresses:
        return NOTHING
    name = bytes((len(front[0]),)) + front[0] + key_name(node.key, tree.zone)
    return Content(addresses=addresses, targets=lambda: [Target(0, name, addresses)])


def _of_ports(
    tree: TreeCache, node: ServiceNode, front: Sequence[bytes], *, hashes: bool
) -> Content:
    """`_tcp`, `_http._tcp` and kube-dns's `<label>._http._tcp` in front of a Service's name."""
    protocol = front[-1][1:].decode("latin-1")
    if len(front) == 1:
        return EMPTY if node.has_protocol(protocol) else NOTHING
    if len(front) > 3 or not front[-2].startswith(b"_"):
        return NOTHING
    port_name = front[-2][1:].decode("latin-1")
    found = list(node.named_ports(port_name, protocol))
    if len(front) == 3:
        addresses = labelled(tree, node, front[0], hashes=hashes)
        found = [(endpoint, port) for endpoint, port in found if endpoint.address in addresses]
    if not found:
        return NOTHING
    return Content(targets=partial(_named_targets, tree, node, found))


def labelled(tree: TreeCache, node: ServiceNode, label: bytes, *, hashes: bool) -> list[bytes]:
    """The addresses that an endpoint label stands for: a name, an address with dashes or a hash."""
    found = node.named(label.decode("latin-1"))
    if found:
        return found
    address = dashed_address(label)
    if address is not None and node.has_address(address):
        return [address]
    if hashes and is_hash_label(label):
        hashed = tree.hashed(node).get(label)
        return [hashed] if hashed is not None else []
    return []


def endpoint_name(tree: TreeCache, node: ServiceNode, endpoint: Endpoint) -> bytes | None:
    """The name of an endpoint; None when it would be longer than a name may be."""
    style = tree.zone.options.endpoint_names
    label = shown_label(
        endpoint.address, hostname=endpoint.hostname, pod=endpoint.pod, style=style
    )
    name = bytes((len(label),)) + label + key_name(node.key, tree.zone)
    return name if len(name) <= NAME_MAX else None


def _bare_targets(tree: TreeCache, node: ServiceNode) -> list[Target]:
    """kube-dns's SRV records at a Service's own name: every endpoint, port 0."""
    return _endpoint_targets(tree, node, [(endpoint, 0) for endpoint in node.endpoints()])


def _named_targets(
    tree: TreeCache, node: ServiceNode, found: Sequence[tuple[Endpoint, int]]
) -> list[Target]:
    if node.is_headless:
        return _endpoint_targets(tree, node, found)
    name = key_name(node.key, tree.zone)
    return [Target(port, name, (endpoint.address,)) for endpoint, port in found]


def _endpoint_targets(
    tree: TreeCache, node: ServiceNode, found: Sequence[tuple[Endpoint, int]]
) -> list[Target]:
    targets = []
    for endpoint, port in found:
        name = endpoint_name(tree, node, endpoint)
        if name is not None:
            targets.append(Target(port, name, (endpoint.address,)))
    return targets
