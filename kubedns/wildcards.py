"""Questions with a `*` in them, as kube-dns answers them.

A `*` in front of other labels asks for what is at the name behind it; one further on stands for any
Service, any namespace or `svc`. Below Services and below `pod` it stands for nothing. Answers carry
the question as their owner's name. Bounded by what a message can hold: with 10,000 Services the
dearest question takes some 20 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from kubedns.content import NOTHING, Content, of_service
from kubedns.records import Target
from kubedns.services import SERVICE_BRANCH, ServiceNode
from kubedns.treecache import TreeCache
from kubedns.wildcard_names import WILDCARD

ADDRESSES_MAX = 4096
"""An address record takes 16 octets or more of at most 65535."""
TARGETS_MAX = 1024
"""SRV targets: 60 octets or so each, as they are not compressed (RFC 2782)."""


def wildcard_content(tree: TreeCache, labels: Sequence[bytes]) -> Content:
    """What is at a name with a `*` among its labels below the zone."""
    if labels[-1] not in (SERVICE_BRANCH, WILDCARD) or len(labels) == 1:
        return NOTHING
    namespace = labels[-2]
    if len(labels) == 2:
        if namespace == WILDCARD:
            return NOTHING
        noted = tree.wildcards.note(labels)
        return Content(exists=tree.has_namespace(namespace), depends=(noted,))
    front, leading = list(labels[:-3]), labels[0] == WILDCARD
    if leading:
        front = front[1:]
    if WILDCARD in front or (leading and len(front) not in (0, 2)):
        return NOTHING
    depends = _depends(tree, labels)
    if leading and len(labels) == 3:
        return _first_alias(tree, labels, depends)
    return _of_services(tree, labels, front, depends, aliases=not leading)


def _depends(tree: TreeCache, labels: Sequence[bytes]) -> tuple[bytes, ...]:
    service, namespace, branch = labels[-3:]
    if WILDCARD not in (service, namespace, branch):
        return (_own_name(tree, (service, namespace, branch)),)
    if branch == WILDCARD or namespace == WILDCARD:
        return (tree.wildcards.note(labels[-3:]),)
    above = _own_name(tree, (namespace, branch))
    # An unknown namespace is noted nowhere, or anyone could fill the notes: it begins to exist
    # with its first Service, and that is told of.
    exists = tree.has_namespace(namespace)
    return (tree.wildcards.note(labels[-3:]), above) if exists else (above,)


def _own_name(tree: TreeCache, labels: Sequence[bytes]) -> bytes:
    return b"".join([bytes((len(label),)) + label for label in labels]) + tree.zone.domain


def _first_alias(tree: TreeCache, labels: Sequence[bytes], depends: tuple[bytes, ...]) -> Content:
    """`*.<namespace>.svc`: in kube-dns ExternalName services are what a namespace holds itself.

    The first of them, as a name has one CNAME at most (RFC 1034 3.6.2).
    """
    for node in _services(tree, WILDCARD, labels[-2]):
        if node.row is not None and node.row.external_name:
            alias = of_service(tree, node, ()).alias
            if alias is not None:
                return Content(depends=depends, alias=alias)
    return Content(exists=False, depends=depends)


def _of_services(
    tree: TreeCache,
    labels: Sequence[bytes],
    front: Sequence[bytes],
    depends: tuple[bytes, ...],
    *,
    aliases: bool,
) -> Content:
    """What all Services meant have together. Addresses go before an alias, of which one shows."""
    exists, alias = False, None
    addresses: dict[bytes, None] = {}
    parts: list[Content] = []
    on_ports: list[Target] = []
    hashes = labels[-3] != WILDCARD
    for node in _services(tree, labels[-3], labels[-2]):
        found = of_service(tree, node, front, hashes=hashes)
        if not found.exists or (found.alias is not None and not aliases):
            continue
        exists = True
        alias = alias or found.alias
        addresses.update(dict.fromkeys(found.addresses))
        if found.addresses:
            parts.append(found)
        elif found.targets is not None:
            on_ports += found.targets()
        if len(addresses) >= ADDRESSES_MAX or len(on_ports) >= TARGETS_MAX:
            break
    return Content(
        exists=exists,
        depends=depends,
        addresses=tuple(addresses)[:ADDRESSES_MAX],
        targets=(lambda: list(islice(_targets(on_ports, parts), TARGETS_MAX))),
        alias=None if parts or on_ports else alias,
    )


def _targets(on_ports: Sequence[Target], parts: Sequence[Content]) -> Iterator[Target]:
    yield from on_ports
    for part in parts:
        if part.targets is not None:
            yield from part.targets()


def _services(tree: TreeCache, service: bytes, namespace: bytes) -> Iterator[ServiceNode]:
    """The Services that two labels mean, in canonical order."""
    spaces = tree.namespaces_with_services() if namespace == WILDCARD else iter((namespace,))
    for space in spaces:
        if service == WILDCARD:
            yield from tree.services_in(space)
        else:
            node = tree.service(space, service)
            if node is not None:
                yield node
