"""Responses from other servers, read in one pass: what they say and where their TTLs stand.

Nothing is copied out but what a cache needs to decide; record data is confined to its RDLENGTH
and only names at a record's start are walked. Ageing and re-addressing patch the bytes in place.
RFC 1035 4.1, RFC 2308 2.1 and 2.2 (NXDOMAIN and NODATA), RFC 6891 (OPT).
"""

from __future__ import annotations

from struct import Struct, error

from dnscore.wire import names
from dnscore.wire.const import (
    ANY,
    HEADER_SIZE,
    IN,
    NOERROR,
    NXDOMAIN,
    OPCODE_MASK,
    OPT,
    QR,
    RCODE_MASK,
    SOA,
    TC,
)
from dnscore.wire.errors import Malformed

_HEADER = Struct("!HHHHHH")
_FIXED = Struct("!HHIH")
_TTL = Struct("!I")
_TTL_LENGTH = Struct("!IH")
_ONE_QUESTION = b"\x00\x01"
_PLAIN_COUNTS = b"\x00\x01\x00\x01\x00\x00\x00\x00"
_QUESTION = b"\xc0\x0c"
_OPT_BYTES = OPT.to_bytes(2, "big")
_ANY_BYTES = ANY.to_bytes(2, "big")
_QR_OCTET = QR >> 8
_PLAIN_FLAGS = frozenset(
    flags.to_bytes(2, "big")
    for flags in range(QR, 0x10000)
    if not flags & (OPCODE_MASK | TC | RCODE_MASK)
)
PLAIN_MAX = 486
"""Octets of the longest plain answer."""
_COUNTS = Struct("!HHH")
TTL_MAX = 0x7FFFFFFF
"""RFC 2181 8: a TTL has 31 bits."""

ANSWER = "answer"
"""NOERROR with a record of the type that was asked."""
NODATA = "nodata"
"""NOERROR without one (RFC 2308 2.2)."""
NAME_ERROR = "nxdomain"
"""RFC 2308 2.1."""
FAILURE = "failure"
"""Every other rcode."""


class Scan:
    """What a response says. `end` is the offset behind its last record, OPT included.

    `ttl_offsets` are the offsets of all TTLs but OPT's, and `least_ttls` has the least of each
    section, TTL_MAX where there is none. `negative_ttl` is the lesser of the SOA's TTL and its
    minimum field (RFC 2308 5), None without an SOA, and `soa_owner` is the offset of its owner.
    `opt` is the span of the OPT record, (0, 0) without one. `plain`: the answer section has
    nothing but records of the type asked, each owned by a pointer to the question.
    """

    __slots__ = (
        "counts",
        "end",
        "flags",
        "kind",
        "least_ttls",
        "negative_ttl",
        "opt",
        "plain",
        "question_end",
        "rcode",
        "soa_owner",
        "ttl_offsets",
    )

    def __init__(self, flags: int, counts: tuple[int, int, int], question_end: int) -> None:
        self.flags = flags
        self.rcode = flags & RCODE_MASK
        self.counts = counts
        self.question_end = self.end = question_end
        self.kind = FAILURE
        self.least_ttls = [TTL_MAX, TTL_MAX, TTL_MAX]
        self.negative_ttl: int | None = None
        self.soa_owner = 0
        self.opt = (0, 0)
        self.plain = False
        self.ttl_offsets: list[int] = []

    @property
    def truncated(self) -> bool:
        """RFC 1035 4.1.1: the rest is to be had over TCP."""
        return bool(self.flags & TC)


# HOT: once per datagram of another server.
def answers_question(wire: bytes, question: bytes) -> bool:
    """Whether a response is one and repeats exactly these question octets, letter case apart."""
    end = HEADER_SIZE + len(question)
    if wire[HEADER_SIZE:end] == question:
        return wire[2] >= _QR_OCTET and wire[4:6] == _ONE_QUESTION
    if len(wire) < end or wire[2] < _QR_OCTET or wire[4:6] != _ONE_QUESTION:
        return False
    # Type and class have octets that look like letters: 65 (HTTPS) is `A`.
    fixed = end - 4
    return (
        wire[fixed:end] == question[-4:]
        and wire[HEADER_SIZE:fixed].lower() == question[:-4].lower()
    )


def scan_response(wire: bytes, question: bytes) -> Scan:
    """Read a response that repeats `question` (see answers_question). Raises Malformed."""
    try:
        _, flags, _, answers, authorities, additionals = _HEADER.unpack_from(wire)
    except error:
        raise Malformed("shorter than a header", offset=0) from None
    if not flags & QR:
        raise Malformed("a query, not a response", offset=2)
    scan = Scan(flags, (answers, authorities, additionals), HEADER_SIZE + len(question))
    found = _walk(wire, scan, question[-4] << 8 | question[-3])
    if scan.rcode == NXDOMAIN:
        scan.kind = NAME_ERROR
    elif scan.rcode == NOERROR:
        scan.kind = ANSWER if found else NODATA
    return scan


def plain_start(question: bytes) -> bytes:
    """How a plain answer to a question of class IN (see plain_ttl) begins, behind its flags."""
    rtype = question[-4:-2]
    if rtype == _OPT_BYTES:
        rtype = _ANY_BYTES  # OPT stands in no answer section, and no record has this type.
    return _PLAIN_COUNTS + question + _QUESTION + rtype + question[-2:]


# HOT: once per answer of another server.
def plain_ttl(wire: bytes, start: bytes) -> int:
    """The TTL of an answer that is one record of the type and class asked, and nothing else, as
    most are; -1 for all others.

    NOERROR to a QUERY, not truncated, the question repeated octet by octet, the record owned by
    a pointer to it. `start` is the plain_start of the question. It fits every client, with an
    OPT record too.
    """
    end = 4 + len(start)
    if wire[4:end] != start or wire[2:4] not in _PLAIN_FLAGS:
        return -1
    try:
        ttl, rdlength = _TTL_LENGTH.unpack_from(wire, end)
    except error:
        return -1
    found: int = ttl if end + 6 + rdlength == len(wire) <= PLAIN_MAX and ttl <= TTL_MAX else -1
    return found


def plain_scan(wire: bytes, question: bytes, ttl: int) -> Scan:
    """What scan_response would say of an answer whose plain_ttl is `ttl`."""
    end = HEADER_SIZE + len(question)
    scan = Scan(wire[2] << 8 | wire[3], (1, 0, 0), end)
    scan.kind = ANSWER
    scan.plain = True
    scan.end = len(wire)
    scan.ttl_offsets.append(end + 6)
    scan.least_ttls[0] = ttl
    return scan


# HOT: once per answer that is not plain.
def _walk(wire: bytes, scan: Scan, qtype: int) -> bool:
    """Visit every record; returns whether the answer section has one of the type asked."""
    at, size, offsets = scan.question_end, len(wire), scan.ttl_offsets
    found, plain = False, True
    for section, count in enumerate(scan.counts):
        if not count:
            continue
        least = TTL_MAX
        for _ in range(count):
            owner = at
            # Nearly every owner is a pointer; a call each would double the time of a walk.
            at = at + 2 if at + 2 <= size and wire[at] >= 0xC0 else names.skip(wire, at)
            try:
                rtype, rclass, ttl, rdlength = _FIXED.unpack_from(wire, at)
            except error:
                raise Malformed("record runs out of the message", offset=owner) from None
            end = at + 10 + rdlength
            if end > size:
                raise Malformed("record data runs out of the message", offset=owner)
            if rtype == OPT:
                _note_opt(scan, section, owner, end, ttl)
                at = end
                continue
            if ttl > TTL_MAX:
                ttl = 0  # RFC 2181 8: a TTL with the top bit set counts as 0.
            if ttl < least:
                least = ttl
            offsets.append(at + 4)
            if not section:
                if rtype == qtype or qtype == ANY:
                    found = True
                # A pointer to the name in the question is C0 0C.
                if rtype != qtype or rclass != IN or wire[owner + 1] != 12 or wire[owner] != 0xC0:
                    plain = False
            elif section == 1 and rtype == SOA and rdlength >= 22:
                scan.negative_ttl = min(ttl, _TTL.unpack_from(wire, end - 4)[0])
                scan.soa_owner = owner
            at = end
        scan.least_ttls[section] = least
    scan.plain, scan.end = plain, at
    return found


def _note_opt(scan: Scan, section: int, owner: int, end: int, ttl: int) -> None:
    if scan.opt[1] or section != 2:
        raise Malformed("second or misplaced OPT record", offset=owner)
    scan.opt = (owner, end)
    scan.rcode |= ttl >> 20 & 0xFF0  # RFC 6891 6.1.3: the upper eight bits


def without_opt(wire: bytes, scan: Scan) -> bytes:
    """The response with its OPT record cut out, `scan` told so.

    An OPT record belongs to one hop (RFC 6891 6.2.1) and must neither be cached nor relayed.
    Servers put it last. Records behind it go too: moved, they would be missed by compression
    pointers among them, and additional data may be left out (RFC 2181 9).
    """
    start, end = scan.opt
    if not end:
        return wire
    kept = [offset for offset in scan.ttl_offsets if offset < start]
    additionals = scan.counts[2] - 1 - (len(scan.ttl_offsets) - len(kept))
    scan.ttl_offsets = kept
    scan.counts = (scan.counts[0], scan.counts[1], additionals)
    scan.opt = (0, 0)
    return wire[:10] + additionals.to_bytes(2, "big") + wire[12:start]


def first_sections(wire: bytes, scan: Scan, count: int) -> bytes:
    """The response, which has no OPT record, without the sections behind `count`.

    `scan` is told so.
    """
    answers, authorities, additionals = scan.counts
    scan.counts = (answers, authorities if count > 1 else 0, additionals if count > 2 else 0)
    end, kept = scan.question_end, sum(scan.counts)
    for _ in range(kept):
        fixed = names.skip(wire, end)
        end = fixed + 10 + int(_FIXED.unpack_from(wire, fixed)[3])
    scan.ttl_offsets = scan.ttl_offsets[:kept]
    return wire[:6] + _COUNTS.pack(*scan.counts) + wire[HEADER_SIZE:end]


def with_ttls(wire: bytes | bytearray, offsets: list[int], *, age_s: int, cap_s: int) -> bytearray:
    """A copy with every TTL made `age_s` smaller (never below 0) and at most `cap_s`."""
    copy = bytearray(wire)
    read, write = _TTL.unpack_from, _TTL.pack_into
    for offset in offsets:
        ttl = read(copy, offset)[0]
        left = ttl - age_s if ttl <= TTL_MAX else 0
        if left < 0:
            left = 0
        write(copy, offset, left if left < cap_s else cap_s)
    return copy
