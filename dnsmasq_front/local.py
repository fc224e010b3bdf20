"""Answers of our own: hosts files, `--host-record` and its like, `--address`, `--local`.

Asked after the cache and before other servers, so names known here are never forwarded. Pure.

Departs from dnsmasq 2.90, which forwards whatever it has no record for: a name with an address
here has no others elsewhere, so its AAAA is NODATA when there is only an A, lest half a name leak
out and half an answer come back. The same for HTTPS records, which hold addresses too, and for
every type below an `--address` literal, unless the domain has servers of its own.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from dnscore.wire import names
from dnscore.wire.build import Record, build_response, size_limit
from dnscore.wire.const import (
    AA,
    AAAA,
    ANY,
    CNAME,
    HTTPS,
    MX,
    NOERROR,
    NXDOMAIN,
    PTR,
    RA,
    SRV,
    A,
)
from dnscore.wire.query import Query
from dnsmasq_front.local_names import LocalNames
from dnsmasq_front.private import is_private_reverse
from dnsmasq_front.routes import DEFAULT, Route

_LINKS_MAX = 16
_ADDRESS_TYPES = frozenset((A, AAAA, HTTPS))


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """How names are answered here."""

    ttl_s: int = 0
    """`--local-ttl`; 0 as nothing tells clients when a file changes."""
    domain_needed: bool = False
    """`--domain-needed`: addresses of plain names are not asked of others."""
    bogus_priv: bool = False
    """`--bogus-priv`: nor are names of private addresses."""
    round_robin: bool = True
    """Whether the addresses of a name take turns."""


class LocalData:
    """What is known here; `names` may be replaced at any time."""

    def __init__(self, options: LocalOptions | None = None) -> None:
        self.options = options or LocalOptions()
        self.names = LocalNames()
        self._has_rules = self.options.domain_needed or self.options.bogus_priv
        self._turn = 0

    # HOT: once per query that the cache cannot answer.
    def answer(self, query: Query, route: Route | None, *, stream: bool) -> bytes | None:
        """The response to a query, None when others are to be asked. `route`: who they are."""
        records = self.names.records.get(query.name)
        if records is not None:
            response = self._from_records(query, records, stream=stream)
            if response is not None:
                return response
        if route is not None and (route.is_local or route.addresses):
            response = self._by_route(query, route, stream=stream)
            if response is not None:
                return response
        if self._has_rules:
            return self._by_rule(query, route, stream=stream)
        return None

    def _from_records(
        self, query: Query, records: Sequence[Record], *, stream: bool
    ) -> bytes | None:
        found = self._chain(query, records)
        if not found:
            has_address = any(record.rtype in (A, AAAA) for record in records)
            if query.qtype not in _ADDRESS_TYPES or not has_address:
                return None
        extra = [more for record in found for more in self._addresses_of(record)]
        return build_response(
            query,
            flags=AA | RA,
            rcode=NOERROR,
            answers=found,
            additionals=extra,
            limit=size_limit(query, stream=stream),
        )

    def _chain(self, query: Query, records: Sequence[Record]) -> list[Record]:
        """The records of the type asked, behind the aliases that lead to them."""
        found: list[Record] = []
        owner = query.name
        for _ in range(_LINKS_MAX):
            wanted = [record for record in records if query.qtype in (record.rtype, ANY)]
            if wanted:
                return found + self._in_turn(wanted, owner)
            alias = next((record for record in records if record.rtype == CNAME), None)
            if alias is None:
                return found
            found.append(alias._replace(owner=owner))
            owner = alias.rdata
            records = self.names.records.get(owner.lower(), ())
        return found

    def _in_turn(self, records: list[Record], owner: bytes) -> list[Record]:
        if self.options.round_robin and len(records) > 1:
            self._turn = at = (self._turn + 1) % len(records)
            records = records[at:] + records[:at]
        return [record._replace(owner=owner) for record in records]

    def _addresses_of(self, record: Record) -> list[Record]:
        """Addresses known of the host that a record names (RFC 1035 3.3.9, RFC 2782)."""
        if record.rtype == SRV:
            host = record.rdata[6:]
        elif record.rtype == MX:
            host = record.rdata[2:]
        else:
            return []
        known = self.names.records.get(host.lower(), ())
        return [one._replace(owner=host) for one in known if one.rtype in (A, AAAA)]

    def _by_route(self, query: Query, route: Route, *, stream: bool) -> bytes | None:
        """What a local domain or a literal address says."""
        limit = size_limit(query, stream=stream)
        records = []
        for text in route.addresses:
            address = ipaddress.ip_address(text)
            rtype = A if address.version == 4 else AAAA
            if query.qtype == rtype:
                records.append(Record(query.name, rtype, self.options.ttl_s, address.packed))
        if not records and not route.is_local:
            return None  # The domain has servers for what it has no literal for.
        if route.addresses:
            return build_response(query, flags=AA | RA, rcode=NOERROR, answers=records, limit=limit)
        return build_response(query, flags=RA, rcode=self._absence(query), limit=limit)

    def _by_rule(self, query: Query, route: Route | None, *, stream: bool) -> bytes | None:
        """What nobody is asked: plain names, and those of private addresses by default."""
        limit, name = size_limit(query, stream=stream), query.name
        is_plain = name != names.ROOT and name[0] + 2 == len(name)
        if self.options.domain_needed and is_plain and query.qtype in (A, AAAA, ANY):
            return build_response(query, flags=RA, rcode=self._absence(query), limit=limit)
        by_default = route is None or route.domain == DEFAULT
        if not self.options.bogus_priv or not by_default or query.qtype not in (PTR, ANY):
            return None
        if is_private_reverse(name):
            return build_response(query, flags=AA | RA, rcode=self._absence(query), limit=limit)
        return None

    def _absence(self, query: Query) -> int:
        """NXDOMAIN, or NODATA for a name that there is (RFC 8020 2)."""
        return NOERROR if self.names.exists(query.name) else NXDOMAIN
