"""Addresses of a host, asked of the servers that clients' questions go to.

Names of the cluster are asked of kubedns, all others of the default servers, also below a stub
domain: that domain's server may be the very host that is looked up. Nothing waits, and nothing
is cached here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from struct import Struct, error

from dnscore.net.address import Address
from dnscore.net.handler import Peer
from dnscore.wire import names
from dnscore.wire.const import AAAA, HEADER_SIZE, NOERROR, RCODE_MASK, A
from dnscore.wire.errors import Malformed
from dnscore.wire.query import parse_query
from dnsmasq_front.asked import Asked
from dnsmasq_front.forwarder import Forwarder
from dnsmasq_front.named_servers import Found
from dnsmasq_front.probes import query_for
from dnsmasq_front.routes import Route

CLUSTER_DOMAIN = names.from_text("cluster.local")
"""Names at and below it are asked of `--kubednsServer`, whatever the flags say, as in the nanny."""
_FIXED = Struct("!HHIH")
_OWN_KEY = b"own"
"""Behind the keys of these questions: a client's question for the same name may go elsewhere."""

OnFound = Callable[[Found | None], None]


class HostLookUp:
    """Looks up hosts by the forwarder's means."""

    def __init__(
        self,
        forwarder: Forwarder,
        kubedns: Address,
        *,
        clock: Callable[[], float],
    ) -> None:
        """`kubedns` is asked for names of the cluster that the routing table says nothing of."""
        self._forwarder = forwarder
        self._kubedns = Route(CLUSTER_DOMAIN, (kubedns,))
        self._clock = clock

    def __call__(self, host: str, on_found: OnFound) -> None:
        """The IPv4 addresses of a host, else the IPv6 ones."""

        def first(found: Found | None) -> None:
            if found is not None and found.addresses:
                on_found(found)
            else:
                self._ask(host, AAAA, on_found)

        self._ask(host, A, first)

    def _ask(self, host: str, qtype: int, on_found: OnFound) -> None:
        name = names.from_text(host)
        asked = Asked(parse_query(b"\0\0" + query_for(name, qtype)))
        asked.key += _OWN_KEY
        answer = _Answer(qtype, on_found)
        waiter = (asked, b"\0\0", None, answer)
        response = self._forwarder.ask(asked, waiter, now=self._clock(), route=self._route_of(name))
        if response is not None:
            answer.send(response, None)

    def _route_of(self, name: bytes) -> Route | None:
        routes = self._forwarder.routes
        route = routes.find(name)
        if route is not None and route.is_cluster:
            return route
        if names.is_below(name, CLUSTER_DOMAIN):
            return self._kubedns
        return routes.default


class _Answer:
    """Takes the answer to one question; a Via."""

    stream = True  # No answer is cut.

    def __init__(self, qtype: int, on_found: OnFound) -> None:
        self._qtype = qtype
        self._on_found = on_found

    def send(self, response: bytes, peer: Peer) -> None:
        """The answer is there."""
        self._on_found(addresses_in(response, self._qtype))

    def source(self, peer: Peer) -> tuple[str, int]:
        """We ask ourselves."""
        return "0.0.0.0", 0


def addresses_in(response: bytes, qtype: int) -> Found | None:
    """The addresses of one type in the answer section, None for a failure."""
    if response[3] & RCODE_MASK != NOERROR:
        return None
    addresses, ttls = [], []
    try:
        at = names.skip(response, HEADER_SIZE) + 4
        for _ in range(int.from_bytes(response[6:8], "big")):
            at = names.skip(response, at)
            rtype, _, ttl, rdlength = _FIXED.unpack_from(response, at)
            at += 10 + rdlength
            if rtype == qtype and rdlength == (4 if qtype == A else 16):
                addresses.append(str(ipaddress.ip_address(response[at - rdlength : at])))
            ttls.append(ttl)
    except (Malformed, error, ValueError):
        return None
    return Found(tuple(addresses), float(min(ttls, default=0)))
