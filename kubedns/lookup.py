"""From a name and a type to an answer.

Where the specification and kube-dns differ, the specification wins. RFC 1034 4.3.2 (the search,
CNAME), RFC 2308 (NXDOMAIN and NODATA carry the SOA), RFC 6604 (the rcode is that of the last name
of a chain), RFC 8482 (ANY).
"""

from __future__ import annotations

from dnscore.wire.build import Record
from dnscore.wire.const import (
    AAAA,
    ANY,
    AXFR,
    CNAME,
    IXFR,
    NOERROR,
    NS,
    NXDOMAIN,
    PTR,
    REFUSED,
    SOA,
    SRV,
    A,
)
from kubedns.answer import Answer
from kubedns.changes import key_name
from kubedns.content import Content, content_at, endpoint_name
from kubedns.records import (
    Target,
    address_records,
    any_record,
    cname_record,
    ptr_record,
    srv_records,
)
from kubedns.reverse import reverse_address
from kubedns.services import Endpoint, ServiceNode
from kubedns.treecache import TreeCache

CHAIN_MAX = 8
"""CNAME records in one answer, as in kube-dns."""


def lookup(tree: TreeCache, name: bytes, qtype: int) -> Answer | None:
    """The answer for a folded wire name, class IN.

    None when the name is not ours: outside the zone, or a reverse name of an address that
    nothing in the cluster publishes.
    """
    labels = tree.zone.relative(name)
    if labels is None:
        return _reverse(tree, name, qtype)
    if qtype in (AXFR, IXFR):
        return Answer(REFUSED)
    return _in_zone(tree, name, labels, qtype)


def _in_zone(tree: TreeCache, name: bytes, labels: list[bytes], qtype: int) -> Answer:
    ttl_s = tree.zone.options.ttl_s
    chain: list[Record] = []
    depends: tuple[bytes, ...] = ()
    seen = {name}
    while True:
        content = content_at(tree, name, labels)
        depends += content.depends
        if content.alias is None:
            return _of_type(tree, name, qtype, content, chain, depends)
        if qtype == SRV:
            return _alias_srv(tree, name, content.alias, depends)
        chain.append(cname_record(name, content.alias, ttl_s=ttl_s))
        name = content.alias.lower()
        if qtype in (CNAME, ANY):
            return Answer(NOERROR, tuple(chain), depends=depends)
        inside = tree.zone.relative(name)
        if inside is None:
            return Answer(NOERROR, tuple(chain), depends=depends, chase=name)
        if name in seen or len(chain) == CHAIN_MAX:
            # A loop is nobody's to resolve: what there is of it, and that there is no more.
            return _negative(tree, NOERROR, chain, depends)
        seen.add(name)
        labels = inside


def _of_type(
    tree: TreeCache,
    name: bytes,
    qtype: int,
    content: Content,
    chain: list[Record],
    depends: tuple[bytes, ...],
) -> Answer:
    """The answer at the end of a chain of aliases, often an empty one."""
    if not content.exists:
        return _negative(tree, NXDOMAIN, chain, depends)
    ttl_s = tree.zone.options.ttl_s
    found: tuple[Record, ...] = ()
    extra: tuple[Record, ...] = ()
    if qtype in (A, AAAA):
        found = address_records(name, content.addresses, rtype=qtype, ttl_s=ttl_s)
        if found:
            answers = (*chain, *found)
            return Answer(NOERROR, answers, depends=depends, turning=len(found))
    elif qtype == SRV and content.targets is not None:
        found, extra = srv_records(name, content.targets(), ttl_s=ttl_s)
    elif qtype == ANY:
        found = (any_record(name, ttl_s=ttl_s),)
    elif content.record is not None and content.record.rtype == qtype:
        found = (content.record,)
    elif content.is_apex and qtype in (SOA, NS):
        return _apex(tree, name, qtype, chain, depends)
    if not found:
        return _negative(tree, NOERROR, chain, depends)
    return Answer(NOERROR, (*chain, *found), additionals=extra, depends=depends)


def _apex(
    tree: TreeCache, name: bytes, qtype: int, chain: list[Record], depends: tuple[bytes, ...]
) -> Answer:
    zone, ttl_s = tree.zone, tree.zone.options.soa_ttl_s
    if qtype == NS:
        record = Record(name, NS, ttl_s, zone.name_server)
        return Answer(NOERROR, (*chain, record), depends=depends)
    record = zone.soa(tree.serial, owner=name, ttl_s=ttl_s)
    return Answer(NOERROR, (*chain, record), depends=depends, volatile=True)


def _alias_srv(tree: TreeCache, name: bytes, alias: bytes, depends: tuple[bytes, ...]) -> Answer:
    """kube-dns's SRV at an ExternalName service: port 0 at its target, with what we know of that.

    Not a CNAME, as the SRV records of the target itself would be asked for under another name.
    """
    ttl_s = tree.zone.options.ttl_s
    labels = tree.zone.relative(alias.lower())
    content = content_at(tree, alias.lower(), labels) if labels is not None else None
    addresses = content.addresses if content else ()
    found, extra = srv_records(name, [Target(0, alias, addresses)], ttl_s=ttl_s)
    depends += content.depends if content else ()
    return Answer(NOERROR, found, additionals=extra, depends=depends)


def _negative(
    tree: TreeCache, rcode: int, chain: list[Record], depends: tuple[bytes, ...]
) -> Answer:
    """NXDOMAIN or NODATA, behind the aliases that led there."""
    zone = tree.zone
    soa = zone.soa(tree.serial, owner=zone.domain, ttl_s=zone.options.negative_ttl_s)
    return Answer(rcode, tuple(chain), (soa,), depends=depends)


def _reverse(tree: TreeCache, name: bytes, qtype: int) -> Answer | None:
    address = reverse_address(name)
    owners = tree.owners(address) if address is not None else ()
    if address is None or not owners:
        return None
    options = tree.zone.options
    found: list[Record] = []
    if qtype == PTR:
        targets = _pointers(tree, owners, address)
        found = [ptr_record(name, target, ttl_s=options.ttl_s) for target in targets]
    elif qtype == ANY:
        found = [any_record(name, ttl_s=options.ttl_s)]
    if found:
        return Answer(NOERROR, tuple(found), depends=(name,))
    # We speak for this one name only, so that is what the SOA says: nothing else is denied.
    soa = tree.zone.soa(tree.serial, owner=name, ttl_s=options.negative_ttl_s)
    return Answer(NOERROR, authorities=(soa,), depends=(name,))


def _pointers(tree: TreeCache, owners: tuple[ServiceNode, ...], address: bytes) -> list[bytes]:
    """The names of an address (specification 2.3.3, 2.4.3), one for each Service that has it.

    Those with a hostname of their own come first: many clients look at one record only.
    """
    named: list[bytes] = []
    others: list[bytes] = []
    for node in sorted(owners, key=lambda node: node.key):
        if not node.is_headless:
            others.append(key_name(node.key, tree.zone))
            continue
        hostname = node.hostname_of(address)
        name = endpoint_name(tree, node, Endpoint(address, hostname))
        if name is not None:
            (named if hostname else others).append(name)
    return named + others
