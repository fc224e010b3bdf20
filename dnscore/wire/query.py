"""Queries from clients: a decision from the header alone, then one question and its OPT record.

RFC 1035 4.1, RFC 6891 6.1 (OPT). Answer and authority records in a query are walked and ignored.
"""

from __future__ import annotations

from struct import Struct, error

from dnscore.wire import names
from dnscore.wire.const import (
    CD,
    HEADER_SIZE,
    NAME_MAX,
    OPCODE_MASK,
    OPCODE_NOTIFY,
    OPCODE_QUERY,
    OPT,
    QR,
    RD,
    UDP_EDNS,
    UDP_PLAIN,
)
from dnscore.wire.errors import Ignored, Malformed, Unsupported

_HEADER = Struct("!HHHHHH")
_TYPE_CLASS = Struct("!HH")
_RECORD = Struct("!HHIH")


class Query:
    """One question as a client sent it.

    `name` is folded to lower case; the spelling of the client is in `wire[12:name_end]`.
    `udp_size` is the payload that the client takes over UDP, within 512 and `udp_max` octets,
    which is what we take and send ourselves.
    """

    __slots__ = (
        "do",
        "edns",
        "edns_version",
        "flags",
        "id",
        "name",
        "name_end",
        "opcode",
        "qclass",
        "qtype",
        "question_end",
        "udp_max",
        "udp_size",
        "wire",
    )

    def __init__(self, wire: bytes) -> None:
        self.wire = wire
        self.edns = False
        self.edns_version = 0
        self.do = False
        self.udp_max = UDP_EDNS
        self.udp_size = UDP_PLAIN
        self.id = 0
        self.flags = 0
        self.opcode = OPCODE_QUERY
        self.name = names.ROOT
        self.name_end = HEADER_SIZE
        self.qtype = 0
        self.qclass = 0
        self.question_end = HEADER_SIZE

    @property
    def rd(self) -> bool:
        """Recursion desired (RFC 1035 4.1.1)."""
        return bool(self.flags & RD)

    @property
    def cd(self) -> bool:
        """Checking disabled (RFC 4035 3.2.2)."""
        return bool(self.flags & CD)

    @property
    def question(self) -> bytes:
        """The question section as the client spelled it."""
        return self.wire[HEADER_SIZE : self.question_end]


def parse_query(wire: bytes, *, udp_max: int = UDP_EDNS) -> Query:
    """The question in a datagram; `udp_max` bounds the payload offered to either side.

    Raises Ignored (stay silent), Unsupported (NOTIMP) or Malformed (FORMERR), and nothing else.
    """
    query = Query(wire)
    try:
        query.id, flags, questions, answers, authorities, additionals = _HEADER.unpack_from(wire)
    except error:
        raise Ignored("shorter than a header") from None
    if flags & QR:
        raise Ignored("a response, not a query")
    query.flags = flags
    query.opcode = opcode = flags & OPCODE_MASK
    if opcode != OPCODE_QUERY and opcode != OPCODE_NOTIFY:
        raise Unsupported(f"opcode {opcode >> 11}")
    if questions != 1:
        raise Malformed(f"{questions} questions", offset=4)
    _parse_question(query)
    if answers or authorities or additionals:
        query.udp_max = udp_max
        _parse_records(query, answers + authorities, additionals)
    return query


# HOT: once per packet that no prebuilt answer fits.
def _parse_question(query: Query) -> None:
    wire = query.wire
    at = HEADER_SIZE
    try:
        while octet := wire[at]:
            if octet > 63:
                raise Malformed("compressed or unknown label in the question", offset=at)
            at += octet + 1
        at += 1
        query.qtype, query.qclass = _TYPE_CLASS.unpack_from(wire, at)
    except (IndexError, error):
        raise Malformed("question runs out of the message", offset=at) from None
    if at - HEADER_SIZE > NAME_MAX:
        raise Malformed("name over 255 octets", offset=HEADER_SIZE)
    query.name = wire[HEADER_SIZE:at].lower()
    query.name_end = at
    query.question_end = at + 4


def _parse_records(query: Query, others: int, additionals: int) -> None:
    wire = query.wire
    at = query.question_end
    for number in range(others + additionals):
        owner = at
        at = names.skip(wire, at)
        try:
            rtype, rclass, ttl, rdlength = _RECORD.unpack_from(wire, at)
        except error:
            raise Malformed("record runs out of the message", offset=owner) from None
        at += 10 + rdlength
        if at > len(wire):
            raise Malformed("record data runs out of the message", offset=owner)
        if rtype == OPT and number >= others:
            if query.edns or wire[owner]:
                # RFC 6891 6.1.1: at most one, owned by the root.
                raise Malformed("second or misplaced OPT record", offset=owner)
            query.edns = True
            query.udp_size = min(max(rclass, UDP_PLAIN), query.udp_max)
            query.edns_version = ttl >> 16 & 0xFF
            query.do = bool(ttl & 0x8000)
