"""From a name and a type to an answer.

Where the specification and kube-dns differ, the specification wins. RFC 1034 4.3.2 (the search,
CNAME), RFC 2308 (NXDOMAIN and NODATA carry the SOA), RFC 6604 (the rcode is that of the last name
of a chain), RFC 8482 (ANY).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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
from kubedns import federation
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
from kubedns.services import ServiceNode
from kubedns.treecache import TreeCache
from kubedns.wildcard_names import WILDCARD
from kubedns.wildcards import wildcard_content

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


@dataclass(slots=True)
class _Chain:
    """The aliases that were followed, and what they say about the answer at their end."""

    ttl_s: int
    records: list[Record] = field(default_factory=list)
    depends: tuple[bytes, ...] = ()
    volatile: bool = False
    is_federated: bool = False

    def follow(self, content: Content) -> None:
        """Note what the content of the next name brings with it."""
        self.depends += content.depends
        self.volatile |= content.volatile
        if content.ttl_s is not None:
            self.ttl_s = content.ttl_s
            self.is_federated = True

    def answer(
        self,
        *found: Record,
        rcode: int = NOERROR,
        authorities: tuple[Record, ...] = (),
        extra: tuple[Record, ...] = (),
        turning: int = 0,
    ) -> Answer:
        """The records found behind the aliases."""
        return Answer(
            rcode,
            (*self.records, *found),
            authorities,
            extra,
            self.depends,
            turning=turning,
            volatile=self.volatile,
        )


def _in_zone(tree: TreeCache, name: bytes, labels: list[bytes], qtype: int) -> Answer:
    chain = _Chain(tree.zone.options.ttl_s)
    seen = {name}
    wild = WILDCARD in labels
    while True:
        # Only in a question a `*` stands for anything: the API allows none in externalName.
        content = wildcard_content(tree, labels) if wild else content_at(tree, name, labels)
        wild = False
        chain.follow(content)
        if content.alias is None:
            return _of_type(tree, name, qtype, content, chain)
        if qtype == SRV:
            return _alias_srv(tree, name, content, chain)
        chain.records.append(cname_record(name, content.alias, ttl_s=chain.ttl_s))
        name = content.alias.lower()
        if qtype in (CNAME, ANY):
            return chain.answer()
        inside = tree.zone.relative(name)
        if inside is None:
            ttl_max_s = chain.ttl_s if chain.is_federated else None
            return replace(chain.answer(), chase=name, ttl_max_s=ttl_max_s)
        if name in seen or len(chain.records) == CHAIN_MAX:
            # A loop is nobody's to resolve: what there is of it, and that there is no more.
            return _negative(tree, NOERROR, chain)
        seen.add(name)
        labels = inside


def _of_type(tree: TreeCache, name: bytes, qtype: int, content: Content, chain: _Chain) -> Answer:
    """The answer at the end of a chain of aliases, often an empty one."""
    if not content.exists:
        return _negative(tree, NXDOMAIN, chain)
    ttl_s = chain.ttl_s
    found: tuple[Record, ...] = ()
    extra: tuple[Record, ...] = ()
    if qtype in (A, AAAA):
        found = address_records(name, content.addresses, rtype=qtype, ttl_s=ttl_s)
        if found:
            return chain.answer(*found, turning=len(found))
    elif qtype == SRV and content.targets is not None:
        found, extra = srv_records(name, content.targets(), ttl_s=ttl_s)
    elif qtype == ANY:
        found = (any_record(name, ttl_s=ttl_s),)
    elif content.record is not None and content.record.rtype == qtype:
        found = (content.record,)
    elif content.is_apex and qtype in (SOA, NS):
        return _apex(tree, name, qtype, chain)
    if not found:
        return _negative(tree, NOERROR, chain)
    return chain.answer(*found, extra=extra)


def _apex(tree: TreeCache, name: bytes, qtype: int, chain: _Chain) -> Answer:
    zone, ttl_s = tree.zone, tree.zone.options.soa_ttl_s
    if qtype == NS:
        return chain.answer(Record(name, NS, ttl_s, zone.name_server))
    chain.volatile = True
    return chain.answer(zone.soa(tree.serial, owner=name, ttl_s=ttl_s))


def _alias_srv(tree: TreeCache, name: bytes, content: Content, chain: _Chain) -> Answer:
    """kube-dns's SRV at an ExternalName service: port 0 at its target, with what we know of that.

    Not a CNAME, as the SRV records of the target itself would be asked for under another name.
    """
    alias = content.alias or b""
    labels = tree.zone.relative(alias.lower())
    behind = content_at(tree, alias.lower(), labels) if labels is not None else None
    addresses = behind.addresses if behind else ()
    chain.depends += behind.depends if behind else ()
    found, extra = srv_records(
        name,
        [Target(0, alias, addresses)],
        ttl_s=chain.ttl_s,
        priority=content.srv_priority,
    )
    return chain.answer(*found, extra=extra)


def _negative(tree: TreeCache, rcode: int, chain: _Chain) -> Answer:
    """NXDOMAIN or NODATA, behind the aliases that led there."""
    zone = tree.zone
    # Nobody is told when a federation's name gets an answer: its nodes have been read.
    ttl_s = federation.TTL_S if chain.is_federated else zone.options.negative_ttl_s
    soa = zone.soa(tree.serial, owner=zone.domain, ttl_s=ttl_s)
    return chain.answer(rcode=rcode, authorities=(soa,))


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
        endpoint = node.endpoint_of(address)
        name = endpoint_name(tree, node, endpoint)
        if name is not None:
            (named if endpoint.hostname else others).append(name)
    return named + others
