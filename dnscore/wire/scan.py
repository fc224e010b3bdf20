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
    NOERROR,
    NXDOMAIN,
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
_TTL_MAX = 0x7FFFFFFF

ANSWER = "answer"
"""NOERROR with a record of the type that was asked."""
NODATA = "nodata"
"""NOERROR without one (RFC 2308 2.2)."""
NAME_ERROR = "nxdomain"
"""RFC 2308 2.1."""
FAILURE = "failure"
"""Every other rcode."""


class Scan:
    """What a response says.

    `ttl_offsets` are the offsets of all TTLs but OPT's; `min_ttl` is the least of them (0 when
    there is none). `negative_ttl` is the lesser of the SOA's TTL and its minimum field
    (RFC 2308 5), None without an SOA. `opt` is the span of the OPT record, (0, 0) without one.
    """

    __slots__ = (
        "counts",
        "flags",
        "kind",
        "min_ttl",
        "negative_ttl",
        "opt",
        "question_end",
        "rcode",
        "ttl_offsets",
    )

    def __init__(self, flags: int, counts: tuple[int, int, int], question_end: int) -> None:
        self.flags = flags
        self.rcode = flags & RCODE_MASK
        self.counts = counts
        self.question_end = question_end
        self.kind = FAILURE
        self.min_ttl = 0
        self.negative_ttl: int | None = None
        self.opt = (0, 0)
        self.ttl_offsets: list[int] = []

    @property
    def truncated(self) -> bool:
        """RFC 1035 4.1.1: the rest is to be had over TCP."""
        return bool(self.flags & TC)


def answers_question(wire: bytes, question: bytes) -> bool:
    """Whether a response is one and repeats exactly these question octets, letter case apart."""
    end = HEADER_SIZE + len(question)
    if len(wire) < end or not wire[2] & 0x80 or wire[4:6] != b"\x00\x01":
        return False
    if wire[HEADER_SIZE:end] == question:
        return True
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
    qtype = question[-4] << 8 | question[-3]
    found = _walk(wire, scan, qtype)
    if scan.rcode == NXDOMAIN:
        scan.kind = NAME_ERROR
    elif scan.rcode == NOERROR:
        scan.kind = ANSWER if found else NODATA
    return scan


# HOT: once per answer of another server.
def _walk(wire: bytes, scan: Scan, qtype: int) -> bool:
    """Visit every record; returns whether the answer section has one of the type asked."""
    at, size = scan.question_end, len(wire)
    answers, authorities, additionals = scan.counts
    found, offsets, least = False, scan.ttl_offsets, _TTL_MAX
    for number in range(answers + authorities + additionals):
        owner = at
        # Nearly every owner is a pointer; a call each would double the time of a walk.
        at = at + 2 if at + 2 <= size and wire[at] >= 0xC0 else names.skip(wire, at)
        try:
            rtype, _, ttl, rdlength = _FIXED.unpack_from(wire, at)
        except error:
            raise Malformed("record runs out of the message", offset=owner) from None
        end = at + 10 + rdlength
        if end > size:
            raise Malformed("record data runs out of the message", offset=owner)
        if rtype == OPT:
            if scan.opt[1] or number < answers + authorities:
                raise Malformed("second or misplaced OPT record", offset=owner)
            scan.opt = (owner, end)
            scan.rcode |= ttl >> 20 & 0xFF0  # RFC 6891 6.1.3: the upper eight bits
        else:
            if ttl > _TTL_MAX:
                ttl = 0  # RFC 2181 8: a TTL with the top bit set counts as 0.
            if ttl < least:
                least = ttl
            offsets.append(at + 4)
            if number < answers:
                if rtype == qtype or qtype == ANY:
                    found = True
            elif number < answers + authorities and rtype == SOA and rdlength >= 22:
                minimum = _TTL.unpack_from(wire, end - 4)[0]
                scan.negative_ttl = min(ttl, minimum)
        at = end
    scan.min_ttl = least if offsets else 0
    return found


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


def with_ttls(wire: bytes | bytearray, offsets: list[int], *, age_s: int, cap_s: int) -> bytearray:
    """A copy with every TTL made `age_s` smaller (never below 0) and at most `cap_s`."""
    copy = bytearray(wire)
    read, write = _TTL.unpack_from, _TTL.pack_into
    for offset in offsets:
        ttl = read(copy, offset)[0]
        left = ttl - age_s if ttl <= _TTL_MAX else 0
        if left < 0:
            left = 0
        write(copy, offset, left if left < cap_s else cap_s)
    return copy
