"""The front's DNS server: bytes in, bytes out, now or when another server has answered.

Order: prebuilt (in the listener), turning answers, the cache, the forwarder. A message that
cannot be used gets the rcode of what is wrong with it, or silence (RFC 1035 4.1.1, RFC 6891 9).
"""

from __future__ import annotations

from collections.abc import Callable

from dnscore.net.handler import Peer, Via
from dnscore.wire.build import build_response, error_response, size_limit
from dnscore.wire.const import (
    AXFR,
    BADVERS,
    CH,
    IN,
    IXFR,
    NOTIMP,
    OPCODE_QUERY,
    RA,
    REFUSED,
    SERVFAIL,
)
from dnscore.wire.errors import WireError
from dnscore.wire.query import Query
from dnsmasq_front.asked import Asked, AskedBefore
from dnsmasq_front.cache import Cache
from dnsmasq_front.chaos import Chaos
from dnsmasq_front.forwarder import Forwarder, Waiter
from dnsmasq_front.prebuilt import Prebuilt
from dnsmasq_front.reply import reply
from dnsmasq_front.turning import rotation_of

_TRANSFERS = (AXFR, IXFR)

QueryLog = Callable[[Query, tuple[str, int]], None]


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
    ) -> None:
        """`random_turn` picks the first address of an answer; `report` logs our own failures."""
        self._cache = cache
        self._forwarder = forwarder
        self._chaos = chaos
        self._prebuilt = prebuilt
        self._turning = prebuilt.turning
        self._asked_before = AskedBefore()
        self._clock = clock
        self._random_turn = random_turn
        self._report = report
        self.query_log: QueryLog | None = None
        self.hits = 0
        """Client queries answered here, those of the listeners' prebuilt answers not counted."""
        self.rejected = 0
        """Messages that could not be used."""

    # HOT: once per packet that the listener has no prebuilt answer for.
    def handle(self, wire: bytes, peer: Peer, via: Via) -> bytes | None:
        """The response to a message, or None: silence, or `via.send` brings it later."""
        if not via.stream:
            turning = self._turning.get(wire[2:])
            if turning is not None:
                self.hits += 1
                return wire[:2] + turning.next()
        try:
            asked = self._asked_before.read(wire)
        except WireError as problem:
            self.rejected += 1
            return None if problem.rcode is None else error_response(wire, problem.rcode)
        try:
            if self.query_log is not None:
                self.query_log(asked.query, via.source(peer))
            response = self._answer(asked, wire, peer, via)
        except Exception as failure:  # One query must not end a server; its client is told.
            self._report(failure)
            return error_response(wire, SERVFAIL)
        return None if response is None else wire[:2] + response[2:]

    def _answer(self, asked: Asked, wire: bytes, peer: Peer, via: Via) -> bytes | None:
        """The response to a packet, under the ID of the first that asked the same."""
        query = asked.query
        if query.qclass != IN or query.opcode or query.edns_version or query.qtype in _TRANSFERS:
            return self._answer_other(query, via)
        now = self._clock()
        body = self._cache.find(asked.key, now)
        if body is None:
            waiter = Waiter(query, wire[:2], peer, via)
            response = self._forwarder.ask(asked, waiter, now=now)
            self.hits += response is not None
            return response
        self.hits += 1
        response = reply(body, query, stream=via.stream, authoritative=False)
        turning = rotation_of(response, query.question_end, turn=self._random_turn())
        # A prebuilt answer goes out without a line in the query log.
        reusable = not via.stream and self.query_log is None
        if turning is not None:
            if reusable:
                self._prebuilt.keep_turning(query.wire, turning)
            return response[:2] + turning.next()
        if reusable:
            self._prebuilt.keep(query.wire, response)
        return response

    def _answer_other(self, query: Query, via: Via) -> bytes:
        """The response to what is no plain question of class IN."""
        refusal = _refusal(query)
        if refusal is None:
            self.hits += 1
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
    if query.qtype in _TRANSFERS or query.qclass != CH:
        return REFUSED  # No zone here to transfer, and no other class.
    return None
