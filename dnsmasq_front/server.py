"""The front's DNS server: bytes in, bytes out, now or when another server has answered.

Order: prebuilt (in the listener), turning answers, the cache, the forwarder. A message that
cannot be used gets the rcode of what is wrong with it, or silence (RFC 1035 4.1.1, RFC 6891 9).
"""

from __future__ import annotations

from collections.abc import Callable

from dnscore.net.address import Address
from dnscore.net.handler import Peer, Via
from dnscore.wire.build import build_response, error_response, size_limit
from dnscore.wire.const import (
    AA,
    BADVERS,
    CH,
    EDE_STALE,
    HEADER_SIZE,
    IN,
    NOTIMP,
    OPCODE_MASK,
    OPCODE_NOTIFY,
    OPCODE_QUERY,
    RA,
    REFUSED,
    SERVFAIL,
    UDP_EDNS,
    UDP_PLAIN,
)
from dnscore.wire.errors import WireError
from dnscore.wire.query import Query, parse_query
from dnscore.wire.rotate import Rotation
from dnsmasq_front.asked import PACKET_MAX, TRANSFERS, Asked, AskedBefore
from dnsmasq_front.cache import PREFETCH_HITS, Cache
from dnsmasq_front.chaos import Chaos
from dnsmasq_front.entry import Entry
from dnsmasq_front.forwarder import Forwarder
from dnsmasq_front.prebuilt import Prebuilt
from dnsmasq_front.query_log import QueryLog
from dnsmasq_front.refresh import Refresher
from dnsmasq_front.reply import reply
from dnsmasq_front.turning import rotation_of

PACKETS_MAX = 64
"""Prebuilt answers of one entry."""
SOON_S = 0.1
"""A packet that comes so soon after its TTLs fell comes all the time."""
RENEWALS = 9
"""Seconds for which its TTLs fall by themselves then, before somebody has to ask for it again. What
nobody asks for any more counts as used for so long."""
_OPT_SIZE = 11
"""Octets of an OPT record without options."""
_OPCODE = OPCODE_MASK >> 8
_NOTIFY = OPCODE_NOTIFY >> 8

Notified = Callable[[Query, Address | None], int | None]
"""Takes a NOTIFY from an address, None when it came over a stream; gives the rcode to answer, or
None for silence: it will come again."""


class FrontServer:
    """Answers clients from what is at hand and asks others for the rest."""

    def __init__(
        self,
        cache: Cache,
        forwarder: Forwarder,
        chaos: Chaos,
        prebuilt: Prebuilt,
        *,
        clock: Callable[[], float],
        random_turn: Callable[[], int],
        report: Callable[[Exception], None],
        round_robin: bool = True,
        udp_max: int = UDP_EDNS,
    ) -> None:
        """`random_turn` picks the first address of an answer; `report` logs our own failures.

        Without `round_robin` the records of an answer stay in their order. `udp_max` is the
        largest UDP payload (`--edns-packet-max`).
        """
        self._cache = cache
        self._find = cache.find
        self._keeps = cache.keeps
        self._ask = forwarder.ask
        self._serves_stale = cache.options.stale_s > 0
        self._forwarder = forwarder
        self.refresher = Refresher(forwarder)
        self._chaos = chaos
        self._prebuilt = prebuilt
        self._turning = prebuilt.turning
        self._streams = prebuilt.streams
        self._asked_before = AskedBefore(udp_max=udp_max)
        self._find_asked = self._asked_before.known.get
        self._clock = clock
        self._random_turn = random_turn
        self._round_robin = round_robin
        self._report = report
        self.query_log = None
        self.notified: Notified | None = None
        """Takes NOTIFY messages; without it all are refused."""
        self.hits = 0
        """Client queries answered here, those of the listeners' prebuilt answers not counted."""
        self.stale_hits = 0
        """Those of them that got an answer whose time was over."""
        self.rejected = 0
        """Messages that could not be used."""

    @property
    def query_log(self) -> QueryLog | None:
        """Told of each query; None for none."""
        return self._query_log

    @query_log.setter
    def query_log(self, log: QueryLog | None) -> None:
        self._query_log = log
        # Then a question is answered from a fresh entry, or asked at once.
        self._is_short = log is None and not self._serves_stale

    # HOT: once per packet that the listener has no prebuilt answer for.
    def handle(self, wire: bytes, peer: Peer, via: Via) -> bytes | None:
        """The response to a message, or None: silence, or `via.send` brings it later."""
        behind_id = wire[2:]
        ready = (self._streams if via.stream else self._turning).get(behind_id)
        if ready is not None:
            self.hits += 1
            return wire[:2] + ready.next()
        asked = self._find_asked(behind_id)
        if asked is None:
            read = self._read(wire, peer, via)
            if not isinstance(read, Asked):
                return read
            asked = read
        now = self._clock()
        try:
            entry = self._find(asked.key, now) if self._keeps and asked.is_plain else None
            if not self._is_short or not asked.is_plain:
                response = self._answer_other(asked, entry, wire, peer, via, now)
            elif entry is None:
                response = self._ask(asked, (asked, wire[:2], peer, via), now=now)
                if response is None:
                    return None
                self.hits += 1
            else:
                response = self._answer_kept(asked, entry, wire, via, now)
        except Exception as failure:  # One query must not end a server; its client is told.
            self._report(failure)
            return error_response(wire, SERVFAIL)
        return None if response is None else wire[:2] + response[2:]

    def _read(self, wire: bytes, peer: Peer, via: Via) -> Asked | bytes | None:
        """What a packet asks that nobody has sent before, or the response to what asks nothing."""
        if len(wire) >= HEADER_SIZE and wire[2] & _OPCODE == _NOTIFY and wire[2] & 0x80 == 0:
            return self._notified(wire, peer, via)
        try:
            return self._asked_before.read(wire)
        except WireError as problem:
            self.rejected += 1
            return None if problem.rcode is None else error_response(wire, problem.rcode)

    def _notified(self, wire: bytes, peer: Peer, via: Via) -> bytes | None:
        """The acknowledgement of a NOTIFY (RFC 1996 4.7)."""
        try:
            query = parse_query(wire)
        except WireError as problem:
            self.rejected += 1
            return None if problem.rcode is None else error_response(wire, problem.rcode)
        rcode: int | None = REFUSED
        if self.notified is not None and query.qclass == IN:
            source = None if via.stream else Address(*via.source(peer))
            rcode = self.notified(query, source)
        if rcode is None:
            return None
        return build_response(query, flags=AA, rcode=rcode, limit=UDP_PLAIN)

    def _answer_other(
        self, asked: Asked, entry: Entry | None, wire: bytes, peer: Peer, via: Via, now: float
    ) -> bytes | None:
        """The response to what may need a line in a log, or more, under the ID of `asked`."""
        log = self._query_log
        if log is None:
            return self._answer(asked, entry, wire, peer, via, now)
        logged = log.asked(asked.query, peer, via)
        stale, kept = self.stale_hits, asked.key in self._cache
        response = self._answer(asked, entry, wire, peer, logged, now)
        if response is not None:
            how = "cached-stale" if self.stale_hits != stale else "cached" if kept else "config"
            logged.answered(how, response)
        return response

    def _answer(
        self, asked: Asked, entry: Entry | None, wire: bytes, peer: Peer, via: Via, now: float
    ) -> bytes | None:
        """As `_answer_other`, without lines for query and response."""
        if not asked.is_plain:
            return self._answer_unusual(asked.query, via)
        if entry is None:
            response = self._answer_stale(asked, via, now) if self._serves_stale else None
            if response is None:
                response = self._ask(asked, (asked, wire[:2], peer, via), now=now)
            if response is not None:
                self.hits += 1
            return response
        return self._answer_kept(asked, entry, wire, via, now)

    # HOT: once a second for each packet that is asked all the time, when its TTLs fall.
    def _answer_kept(self, asked: Asked, entry: Entry, wire: bytes, via: Via, now: float) -> bytes:
        """The response from a fresh entry, which is prebuilt for the next who asks the same."""
        if entry.refresh_at <= now and entry.hits >= PREFETCH_HITS:
            self.refresher.begin(asked, entry, now)
        self.hits += 1
        stale = EDE_STALE if entry.unconfirmed else None
        query = asked.query
        response = reply(
            entry.body, query, stream=via.stream, authoritative=False, extended_error=stale
        )
        turning = None
        if self._round_robin and entry.records > 1:
            turning = rotation_of(response, query.question_end, turn=self._random_turn())
        # A prebuilt answer goes out without a line in the query log.
        if self._query_log is None and len(wire) <= PACKET_MAX:
            if via.stream and turning is None:
                turning = Rotation.still(response[2:])
            # Whole, and without an extended error.
            size = len(entry.body) + (_OPT_SIZE if query.edns else 0)
            renewable = len(response) == size
            self._prebuild(entry, wire, response, turning, renewable, stream=via.stream, now=now)
        return response if turning is None else response[:2] + turning.next()

    def _prebuild(
        self,
        entry: Entry,
        query: bytes,
        response: bytes,
        turning: Rotation | None,
        renewable: bool,
        *,
        stream: bool,
        now: float,
    ) -> None:
        """Keep a response made of an entry for the next who send the same packet.

        The entry knows them all, and takes them with it when it goes. Clients can spell a name in
        ever more ways, so there are bounds to that. If it is `renewable`, and the packet comes all
        the time, its TTL falls by itself.
        """
        prebuilt, packets = self._prebuilt, entry.packets
        until = min(entry.older_at, entry.fresh_until)
        if len(packets) >= PACKETS_MAX:
            packets = entry.packets = tuple(key for key in packets if prebuilt.lives(key))
            if len(packets) >= PACKETS_MAX:
                return
        if turning is None:
            often = renewable and query[2:] in packets and now < entry.older_at - 1 + SOON_S
            renewed = self._renewed(entry) if often else None
            is_new = prebuilt.keep(query, response, now=now, until=until, renewed=renewed)
        elif stream:
            is_new = prebuilt.keep_stream(query, turning, now=now, until=until)
        else:
            is_new = prebuilt.keep_turning(query, turning, now=now, until=until)
        if is_new and query[2:] not in packets:
            entry.packets = (*packets, query[2:])

    def _renewed(self, entry: Entry) -> tuple[Entry, int, int] | None:
        """How an answer with the layout of its entry may be renewed."""
        at = entry.ttl_at
        if at is None:
            return None
        times = min(RENEWALS, entry.falls_s(at, self._cache.options.max_ttl_s))
        return (entry, times, at - 2) if times else None

    def _answer_stale(self, asked: Asked, via: Via, now: float) -> bytes | None:
        """The response from an entry that has ended, if that is wanted and there is one."""
        stale = self._cache.stale(asked.key, now)
        if stale is None:
            return None
        if stale.refresh_at <= now:
            self.refresher.begin(asked, stale, now)
        self.stale_hits += 1
        # Never prebuilt: the next client gets what the refresh has brought.
        return reply(
            stale.body,
            asked.query,
            stream=via.stream,
            authoritative=False,
            extended_error=EDE_STALE,
        )

    def _answer_unusual(self, query: Query, via: Via) -> bytes:
        """The response to what is no plain question of class IN."""
        refusal = _refusal(query)
        if refusal is None:
            return self._chaos.answer(query, stream=via.stream)
        self.rejected += 1
        limit = size_limit(query, stream=via.stream)
        return build_response(query, flags=RA, rcode=refusal, limit=limit)


def _refusal(query: Query) -> int | None:
    """The rcode of a well-formed query of a kind that is not served."""
    if query.opcode != OPCODE_QUERY:
        return NOTIMP
    if query.edns_version:
        return BADVERS  # RFC 6891 6.1.3
    if query.qtype in TRANSFERS or query.qclass != CH:
        return REFUSED  # No zone here to transfer, and no other class.
    return None
