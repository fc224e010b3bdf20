"""Answers for domains that are never forwarded: `--local=/d/` and `--address=/d/ip`.

dnsmasq(8): a literal address answers its own type; without one every name of the domain does
not exist. Departs from dnsmasq 2.86 and later, which forwards the other types of a name with a
literal address to the default servers: they are NODATA here, so that half a name does not leak
out of the cluster, unless the domain has servers of its own.
"""

from __future__ import annotations

import ipaddress

from dnscore.wire.build import Record, build_response, size_limit
from dnscore.wire.const import AA, AAAA, NOERROR, NXDOMAIN, RA, A
from dnscore.wire.query import Query
from dnsmasq_front.routes import Route

LOCAL_TTL_S = 0
"""dnsmasq's `--local-ttl`: nothing tells clients when a flag changes."""


def is_answered_here(route: Route, query: Query) -> bool:
    """Whether nobody is to be asked: the domain is local, or has a literal of the type asked."""
    if route.is_local:
        return True
    if not route.addresses or query.qtype not in (A, AAAA):
        return False
    return any((":" in text) == (query.qtype == AAAA) for text in route.addresses)


def local_answer(route: Route, query: Query, *, stream: bool) -> bytes:
    """The response to a query that `is_answered_here`."""
    limit = size_limit(query, stream=stream)
    if not route.addresses:
        return build_response(query, flags=RA, rcode=NXDOMAIN, limit=limit)
    records = []
    for text in route.addresses:
        address = ipaddress.ip_address(text)
        rtype = A if address.version == 4 else AAAA
        if query.qtype == rtype:
            records.append(Record(query.name, rtype, LOCAL_TTL_S, address.packed))
    return build_response(query, flags=AA | RA, rcode=NOERROR, answers=records, limit=limit)
