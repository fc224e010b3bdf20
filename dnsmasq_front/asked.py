"""What a query asks, worked out once for all packets that are the same but for their ID.

Clients ask the same names again and again with the same options, so a packet that has to be
forwarded has mostly been read before: when its answer expired, or when the cache was too small.
A response made for one of them gets the other's ID on its way out. Pure; bounded in entries.
"""

from __future__ import annotations

from struct import Struct

from dnscore.wire.build import opt_record
from dnscore.wire.const import AA, AXFR, CD, IN, IXFR, OPT, QR, RA, RD, UDP_EDNS
from dnscore.wire.query import Query, parse_query
from dnscore.wire.scan import plain_start
from dnsmasq_front.cache import cache_key
from dnsmasq_front.local_names import LocalNames
from dnsmasq_front.routes import Route, Routes
from dnsmasq_front.servers import ServerGroup
from dnsmasq_front.spelling import Spelling

ENTRIES_MAX = 4096
"""About 6 MB, with the longest names there are 23; when it is full it begins anew."""
PACKET_MAX = 512
"""Octets of a packet that is remembered: a longer one says little that we read, but much."""

_OPT = Struct("!xHHIxx")
_COUNTS = Struct("!HHHH")
_DO = 0x8000
TRANSFERS = (AXFR, IXFR)


class Asked:
    """One question with its options. `outgoing` is the query as we ask it, behind its ID.

    `is_plain` tells that it is a question of class IN of the common kind. A plain answer to it (see
    plain_ttl) begins with `plain_start` behind its flags. The latest that came to it in its own
    spelling was `last_answer` behind its ID, with the TTL `last_ttl`; who sends this packet gets
    `last_reply` for it, behind the ID.
    By `routes` and the `names` of our own, `group` answers for it, the servers of `route`; before
    that was worked out, `routes` is None.
    """

    group: ServerGroup
    route: Route

    __slots__ = (
        "_reply_parts",
        "_spelling",
        "group",
        "is_plain",
        "key",
        "last_answer",
        "last_reply",
        "last_ttl",
        "names",
        "outgoing",
        "plain_start",
        "query",
        "question",
        "route",
        "routes",
    )

    def __init__(self, query: Query) -> None:
        self.query = query
        self.is_plain = (
            query.qclass == IN
            and not query.opcode
            and not query.edns_version
            and query.qtype not in TRANSFERS
        )
        self.key = cache_key(query)
        self.question = query.question
        self.plain_start = plain_start(self.question)
        self.last_answer: bytes | None = None
        self.last_reply = b""
        self.last_ttl = 0
        self._reply_parts: tuple[bytes, bytes, bytes] | None = None
        self.outgoing = _outgoing(query)
        self.routes: Routes | None = None
        self.names: LocalNames | None = None
        self._spelling: Spelling | None = None

    @property
    def spelling(self) -> Spelling:
        """The ways in which it can be spelled."""
        if self._spelling is None:
            self._spelling = Spelling(self.outgoing, self.question, self.plain_start)
        return self._spelling

    def note_answer(self, wire: bytes, question: bytes, ttl: int) -> None:
        """Remember a plain answer and the reply it makes; `question` is as it was sent.

        Mostly a name that is asked for again has the same answer: it need not be read.
        """
        self.last_answer = wire[2:] if question is self.question else None
        self.last_reply = self.plain_reply_of(wire, question)
        self.last_ttl = ttl

    def plain_reply_of(self, wire: bytes, question: bytes) -> bytes:
        """What the client gets for a plain answer, behind its ID."""
        parts = self._reply_parts or self._lay_out_reply()
        return parts[wire[2] >> 2 & 1] + wire[12 + len(question) :] + parts[2]

    def _lay_out_reply(self) -> tuple[bytes, bytes, bytes]:
        """What stands before the record, then the same if authoritative, and what behind it."""
        query = self.query
        opt = opt_record(query, rcode=0) if query.edns else b""
        flags = QR | RA | query.flags & (RD | CD)
        counts = _COUNTS.pack(1, 1, 0, 1 if opt else 0) + query.question
        self._reply_parts = (
            flags.to_bytes(2, "big") + counts,
            (flags | AA).to_bytes(2, "big") + counts,
            opt,
        )
        return self._reply_parts


class AskedBefore:
    """Questions by everything that stands behind the ID of their packets."""

    def __init__(self, *, entries_max: int = ENTRIES_MAX, udp_max: int = UDP_EDNS) -> None:
        """`udp_max` is the largest UDP payload, ours and everybody's."""
        self._udp_max = udp_max
        self._entries_max = entries_max
        self.known: dict[bytes, Asked] = {}
        """Those that have been read, by what stands behind the ID; always the same dict."""

    def __len__(self) -> int:
        return len(self.known)

    def read(self, wire: bytes) -> Asked:
        """What a packet asks. Raises WireError as parse_query does."""
        asked = self.known.get(wire[2:])
        if asked is None:
            query = parse_query(wire, udp_max=self._udp_max)
            if len(wire) > PACKET_MAX:
                query.wire = wire[: query.question_end]  # It may have to wait for its answer.
                return Asked(query)
            asked = Asked(query)
            if len(self.known) >= self._entries_max:
                self.known.clear()
            self.known[wire[2:]] = asked
        return asked


def _outgoing(query: Query) -> bytes:
    """The query as we ask it, behind its ID: one question, and an OPT record of our own.

    Rebuilt rather than passed on, so that nothing a client put behind its question goes out.
    """
    flags = (RD | query.flags & CD).to_bytes(2, "big")
    if query.edns:
        opt = _OPT.pack(OPT, query.udp_max, _DO if query.do else 0)
        return flags + b"\x00\x01\x00\x00\x00\x00\x00\x01" + query.question + opt
    return flags + b"\x00\x01\x00\x00\x00\x00\x00\x00" + query.question
