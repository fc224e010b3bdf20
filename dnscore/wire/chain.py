"""Whether the records of a response belong to its question.

An answer section holds records of the question's name, or a chain of aliases from it to the name
that the others have (RFC 1034 3.6.2; RFC 6672 for DNAME). Whoever keeps responses must not keep
one that says more: what stands beside the chain may be anybody's invention (RFC 5452 6). Pure.
"""

from __future__ import annotations

from struct import Struct, error

from dnscore.wire import names
from dnscore.wire.const import ANY, CNAME, DNAME, HEADER_SIZE, IN, RRSIG
from dnscore.wire.errors import Malformed
from dnscore.wire.scan import Scan

LINKS_MAX = 16
"""Aliases that are followed; resolvers stop at 8 to 16."""
_FIXED = Struct("!HHIH")


def asked_name(wire: bytes, scan: Scan) -> bytes:
    """The folded name in the question, which nothing before it can compress."""
    return wire[HEADER_SIZE : scan.question_end - 4].lower()


def belongs(wire: bytes, scan: Scan) -> bool:
    """Whether everything in the answer section, and the SOA behind it, is about the question."""
    if scan.plain and scan.negative_ttl is None:
        return True
    try:
        asked = asked_name(wire, scan)
        end = asked if scan.plain else _end_of_chain(wire, scan, asked)
        if end is None:
            return False
        if scan.negative_ttl is None:
            return True
        return names.is_below(end, names.expand(wire, scan.soa_owner).lower())
    except (Malformed, error):
        return False


def chain_names(wire: bytes, scan: Scan) -> tuple[bytes, ...]:
    """The folded names that an answer depends on: the one asked, and where its aliases lead.

    At most LINKS_MAX aliases; nothing when the answers cannot be read.
    """
    found: dict[bytes, None] = {}
    try:
        found[asked_name(wire, scan)] = None
        at = scan.question_end
        for _ in range(scan.counts[0]):
            fixed = names.skip(wire, at)
            rtype, _, _, rdlength = _FIXED.unpack_from(wire, fixed)
            at = fixed + 10 + rdlength
            if rtype == CNAME and len(found) <= LINKS_MAX:
                found[names.expand(wire, fixed + 10).lower()] = None
    except (Malformed, error):
        return ()
    return tuple(found)


def _end_of_chain(wire: bytes, scan: Scan, asked: bytes) -> bytes | None:
    """The name at which the aliases end; None when a record is not on the way there."""
    qtype = wire[scan.question_end - 4] << 8 | wire[scan.question_end - 3]
    owners: list[tuple[bytes, int]] = []
    aliases: dict[bytes, bytes] = {}
    at = scan.question_end
    for _ in range(scan.counts[0]):
        owner = names.expand(wire, at).lower()
        fixed = names.skip(wire, at)
        rtype, rclass, _, rdlength = _FIXED.unpack_from(wire, fixed)
        at = fixed + 10 + rdlength
        if rclass != IN or (qtype not in (rtype, ANY) and rtype not in (CNAME, DNAME, RRSIG)):
            return None
        if rtype == CNAME:
            if owner in aliases or names.skip(wire, fixed + 10) != at:
                return None
            aliases[owner] = names.expand(wire, fixed + 10).lower()
        owners.append((owner, rtype))
    end, on_the_way = asked, {asked}
    while qtype not in (CNAME, ANY) and end in aliases:
        end = aliases[end]
        if end in on_the_way or len(on_the_way) > LINKS_MAX:
            return None
        on_the_way.add(end)
    for owner, rtype in owners:
        above = rtype in (DNAME, RRSIG) and any(names.is_below(n, owner) for n in on_the_way)
        if owner not in on_the_way and not above:
            return None
    return end
