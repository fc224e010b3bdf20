"""Between a client's message and an upstream's: what is asked for it, and what it gets back. Pure.

A query is written anew rather than passed on: EDNS options are between two hops (RFC 6891 6.2.1)
and the ID is ours. RFC 1035 4.1, RFC 6891, RFC 4035 3.2.2 (CD).
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from dnscore.wire import names
from dnscore.wire.build import Record, opt_record
from dnscore.wire.const import (
    AD,
    CD,
    CNAME,
    HEADER_SIZE,
    IN,
    MX,
    NS,
    OPT,
    PTR,
    RD,
    SOA,
    SRV,
    TC,
    UDP_EDNS,
)
from dnscore.wire.errors import Malformed
from dnscore.wire.query import Query
from dnscore.wire.scan import Scan, without_opt

_HEADER = Struct("!HHHHH")
_FIXED = Struct("!HHIH")
_CLIENT_FLAGS = RD | CD
"""What a response repeats of its query."""
_NAME_AT = {NS: 0, CNAME: 0, PTR: 0, MX: 2, SRV: 6}
"""Where the one name begins in the data of types that hold one."""
_CHAIN_MAX = 16
"""Aliases that are followed; resolvers stop at 8 to 16."""


class Resolved(NamedTuple):
    """What another server knows of a name."""

    rcode: int
    """NOERROR, or NXDOMAIN of the last name in the chain of aliases."""
    records: list[Record]
    """The aliases on the way and the records behind them; empty when there are none."""


def upstream_query(id_: bytes, question: bytes, query: Query | None, *, edns: bool) -> bytes:
    """The message to send, `id_` first; RD is always set, CD, AD and DO are the client's."""
    flags = RD | (query.flags & (CD | AD) if query is not None else 0)
    head = id_ + _HEADER.pack(flags, 1, 0, 0, 1 if edns else 0) + question
    if not edns:
        return head
    ttl = 0x8000 if query is not None and query.do else 0
    return head + b"\0" + _FIXED.pack(OPT, UDP_EDNS, ttl, 0)


def as_client_asked(query: Query, wire: bytes, scan: Scan, *, limit: int) -> bytes:
    """An upstream's response as the answer to `query`, in at most `limit` octets.

    `scan` is that of `wire` and repeats the question of `query`, letter case apart. What does
    not fit is left out as a whole, with TC set: the client asks again over TCP (RFC 2181 9).
    """
    bare = without_opt(wire, scan)
    opt = opt_record(query, rcode=scan.rcode) if query.edns else b""
    flags = (scan.flags & ~_CLIENT_FLAGS) | (query.flags & _CLIENT_FLAGS)
    answers, authorities, additionals = scan.counts
    # The question has the same length in any spelling, so compression pointers stay right. Octets
    # behind the last record would be read as part of the OPT record that follows.
    body = query.question + bare[scan.question_end : scan.end]
    if HEADER_SIZE + len(body) + len(opt) > limit:
        flags |= TC
        answers = authorities = additionals = 0
        body = query.question
    counts = _HEADER.pack(flags, 1, answers, authorities, additionals + (1 if opt else 0))
    return query.id.to_bytes(2, "big") + counts + body + opt


def chain_records(wire: bytes, scan: Scan, name: bytes, qtype: int) -> list[Record]:
    """The aliases that lead from a folded name to its records of `qtype`, and those records.

    What stands in the answer section without belonging to that chain is left out.
    Raises Malformed.
    """
    aliases: dict[bytes, Record] = {}
    found: dict[bytes, list[Record]] = {}
    for record in _answer_records(wire, scan):
        owner = record.owner.lower()
        if record.rtype == qtype:
            found.setdefault(owner, []).append(record)
        elif record.rtype == CNAME:
            aliases.setdefault(owner, record)
    chain: list[Record] = []
    for _ in range(_CHAIN_MAX):
        if name in found or name not in aliases:
            break
        chain.append(aliases[name])
        name = aliases.pop(name).rdata.lower()
    return chain + found.get(name, [])


def _answer_records(wire: bytes, scan: Scan) -> list[Record]:
    records = []
    at = scan.question_end
    for _ in range(scan.counts[0]):
        owner = names.expand(wire, at)
        at = names.skip(wire, at)
        rtype, rclass, ttl, size = _FIXED.unpack_from(wire, at)
        at += 10
        if rclass == IN:
            rdata = _expanded(wire, rtype, at, at + size)
            records.append(Record(owner, rtype, 0 if ttl > 0x7FFFFFFF else ttl, rdata))
        at += size
    return records


def _expanded(wire: bytes, rtype: int, start: int, end: int) -> bytes:
    """Record data with its names uncompressed."""
    if rtype == SOA:
        second = names.skip(wire, start)
        rest = names.skip(wire, second)
        if rest + 20 != end:
            raise Malformed("SOA of the wrong size", offset=start)
        return names.expand(wire, start) + names.expand(wire, second) + wire[rest:end]
    at = _NAME_AT.get(rtype)
    if at is None:
        return wire[start:end]
    if names.skip(wire, start + at) != end:
        raise Malformed("name and record data end apart", offset=start)
    return wire[start : start + at] + names.expand(wire, start + at)
