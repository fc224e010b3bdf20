"""Asks other servers: what is outside the zone, and the targets of ExternalName services.

Never blocks: each question is a small machine driven by the loop. A server has TRY_S, then the
next one is asked, TOTAL_S in all; the first is asked once more at the end, as a datagram may just
have been lost. SERVFAIL and REFUSED count as no answer while another server is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dnscore.loop import Loop
from dnscore.net.address import Address
from dnscore.net.exchange import TcpExchange, UdpExchange
from dnscore.wire.const import (
    FORMERR,
    IN,
    NOERROR,
    NXDOMAIN,
    RCODE_MASK,
    REFUSED,
    SERVFAIL,
    TCP_MAX,
)
from dnscore.wire.errors import Malformed
from dnscore.wire.query import Query
from dnscore.wire.scan import Scan, scan_response
from kubedns.relay import Resolved, as_client_asked, chain_records, upstream_query

TRY_S = 2.0
TOTAL_S = 5.0
PENDING_MAX = 1000
"""Each question has a socket; beyond this many the answer is "nobody" at once."""

Servers = Callable[[bytes], Sequence[Address]]
"""The servers to ask, in order, for a folded name."""


@dataclass(slots=True)
class Counters:
    """Plain sums since the start."""

    questions: int = 0
    failures: int = 0
    """Questions that nobody answered."""
    rejected: int = 0
    """Questions for which there was no room."""
    tries: int = 0
    malformed: int = 0
    """Responses that could not be used."""
    over_tcp: int = 0


class Upstream:
    """The other servers; owned by the loop's thread."""

    def __init__(
        self,
        loop: Loop,
        servers: Servers,
        *,
        random_bytes: Callable[[int], bytes],
        try_s: float = TRY_S,
        total_s: float = TOTAL_S,
        pending_max: int = PENDING_MAX,
    ) -> None:
        self.loop = loop
        self.servers = servers
        self.random_bytes = random_bytes
        self.try_s = try_s
        self.total_s = total_s
        self._pending_max = pending_max
        self._pending: set[_Question] = set()
        self.counters = Counters()

    @property
    def pending(self) -> int:
        """Questions that wait for an answer."""
        return len(self._pending)

    def forward(
        self, query: Query, done: Callable[[bytes | None], None], *, limit: int = TCP_MAX
    ) -> None:
        """Ask a client's question; `done` gets the response to send, or None: nobody answered.

        The response has the client's ID and spelling and at most `limit` octets (TC set where
        more was to be said). `done` may be called before this returns.
        """

        def finish(wire: bytes | None, scan: Scan | None) -> None:
            if wire is None or scan is None:
                done(None)
            else:
                done(as_client_asked(query, wire, scan, limit=limit))

        self._ask(query.name, query.question, query, finish)

    def resolve(
        self, name: bytes, qtype: int, done: Callable[[Resolved | None], None]
    ) -> None:
        """Ask for the records of a folded name: the aliases on the way and those of `qtype`.

        `done` gets None when nobody could say.
        """
        question = name + qtype.to_bytes(2, "big") + IN.to_bytes(2, "big")

        def finish(wire: bytes | None, scan: Scan | None) -> None:
            if wire is None or scan is None or scan.rcode not in (NOERROR, NXDOMAIN):
                done(None)
                return
            try:
                found = Resolved(scan.rcode, chain_records(wire, scan, name, qtype))
            except Malformed:
                self.counters.malformed += 1
                done(None)
            else:
                done(found)

        self._ask(name, question, None, finish)

    def close(self) -> None:
        """Drop every question; their `done` is not called."""
        for question in list(self._pending):
            question.close()
        self._pending.clear()

    def _ask(self, name: bytes, question: bytes, query: Query | None, done: _Done) -> None:
        self.counters.questions += 1
        servers = self.servers(name)
        if len(self._pending) >= self._pending_max or not servers:
            self.counters.rejected += bool(servers)
            self.counters.failures += 1
            done(None, None)
            return
        asked = _Question(self, servers, question, query, done)
        self._pending.add(asked)
        asked.start()

    def ended(self, asked: _Question, *, failed: bool) -> None:
        """A question is over."""
        self._pending.discard(asked)
        self.counters.failures += failed


_Done = Callable[[bytes | None, Scan | None], None]


class _Question:
    """One question under way, at one server at a time."""

    def __init__(
        self,
        upstream: Upstream,
        servers: Sequence[Address],
        question: bytes,
        query: Query | None,
        done: _Done,
    ) -> None:
        self._upstream = upstream
        self._loop = upstream.loop
        self._left = [*servers, servers[0]]
        self._server = servers[0]
        self._question = question
        self._query = query
        self._done = done
        self._edns = query is None or query.edns
        self._exchange: UdpExchange | TcpExchange | None = None
        self._failure: tuple[bytes, Scan] | None = None
        """A SERVFAIL or REFUSED, better than nothing."""
        self._deadline = self._loop.now() + upstream.total_s
        self._timer = self._loop.call_at(self._deadline, self._next_server)

    def start(self) -> None:
        """Ask the first server."""
        self._next_server()

    def close(self) -> None:
        """Ask nobody any more."""
        self._timer.cancel()
        if self._exchange is not None:
            self._exchange.close()
            self._exchange = None

    def _next_server(self) -> None:
        self.close()
        while self._left and self._loop.now() < self._deadline:
            self._server = self._left.pop(0)
            if self._send(UdpExchange):
                return
        self._end(*(self._failure or (None, None)))

    def _end(self, wire: bytes | None, scan: Scan | None) -> None:
        self.close()
        self._upstream.ended(self, failed=wire is None)
        self._done(wire, scan)

    def _send(self, kind: type[UdpExchange] | type[TcpExchange]) -> bool:
        """Ask the server at hand; False when not even that is possible."""
        self.close()
        self._upstream.counters.tries += 1
        wire = upstream_query(
            self._upstream.random_bytes(2), self._question, self._query, edns=self._edns
        )
        try:
            self._exchange = kind(
                self._loop, self._server, wire, self._question, on_reply=self._replied
            )
        except OSError:
            return False
        until = min(self._deadline, self._loop.now() + self._upstream.try_s)
        self._timer = self._loop.call_at(until, self._next_server)
        return True

    def _replied(self, wire: bytes | None) -> None:
        scan = self._read(wire)
        if wire is None or scan is None:
            self._next_server()
        elif scan.truncated and isinstance(self._exchange, UdpExchange):
            self._upstream.counters.over_tcp += 1
            if not self._send(TcpExchange):
                self._next_server()
        elif scan.rcode == FORMERR and self._edns:
            # RFC 6891 7: a server from before EDNS; ask it again without.
            self._edns = False
            if not self._send(UdpExchange):
                self._next_server()
        elif scan.rcode in (SERVFAIL, REFUSED) and self._left:
            self._failure = self._failure or (wire, scan)
            self._next_server()
        else:
            self._end(wire, scan)

    def _read(self, wire: bytes | None) -> Scan | None:
        if wire is None:
            return None
        try:
            scan = scan_response(wire, self._question)
            if scan.rcode <= RCODE_MASK:
                return scan
            # An extended one (RFC 6891 6.1.3) is about what we did not send: a version, a cookie.
        except Malformed:
            pass
        self._upstream.counters.malformed += 1
        return None
