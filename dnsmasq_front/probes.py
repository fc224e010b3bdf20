"""Questions of our own: whether a server in doubt answers again, and whether one is ourselves.

Clients never wait for these. A server in doubt is asked each PROBE_S for the name servers of the
root, which every server has something to say about, or for what it did not answer before; any
answer but SERVFAIL clears it, and what it failed at it must now know. Pure.

Loops (`--dns-loop-detect`): each server that is asked for every domain gets one TXT question for
a name nobody else knows. If that name comes in as a client's question, its server sends our
questions back to us, directly or through others.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable

from dnscore.net.address import Address
from dnscore.wire import names
from dnscore.wire.const import IN, NOERROR, NS, NXDOMAIN, RCODE_MASK, RD, SERVFAIL, TXT
from dnscore.wire.scan import answers_question, plain_start
from dnsmasq_front.pending import Transport, Try
from dnsmasq_front.servers import FINE, MISSING, TRY_S, Server, ServerGroup

PROBE_S = 1.0
"""Time between two probes of a server in doubt, and how long each may take."""


class Probes:
    """The probes that have been sent and not been answered."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._health: dict[Server, Try] = {}
        self._loops: list[Try] = []
        self._due = 0.0
        self._round = 0
        self.sent = 0
        """Probes sent."""

    def on_timer(self, groups: Iterable[ServerGroup], now: float) -> None:
        """Once each PROBE_S: end the last round and ask the servers in doubt."""
        if now < self._due:
            return
        self._due = now + PROBE_S
        self._round += 1
        for server, attempt in self._health.items():
            self._transport.cancel(attempt)
            server.doubt = MISSING
        self._health.clear()
        for attempt in [a for a in self._loops if a.sent_at + TRY_S <= now]:
            self._transport.cancel(attempt)
            self._loops.remove(attempt)
        for group in groups:
            for server in group.servers if len(group.servers) > 1 else ():
                if server.doubt and not server.in_loop:
                    self._probe(server, now)

    def _probe(self, server: Server, now: float) -> None:
        query = self._query_for(server)
        attempt = self._send(server, query, now)
        if attempt is not None:
            self._health[server] = attempt

    def _query_for(self, server: Server) -> bytes:
        if server.lost and (server.contradictions or self._round % 2):
            return server.lost
        return query_for(names.ROOT, NS)

    def _send(self, server: Server, query: bytes, now: float) -> Try | None:
        question = question_of(query)
        attempt = Try(None, server, question, plain_start(question), now, False)
        try:
            self._transport.send(query, attempt)
        except OSError:
            return None
        self.sent += 1
        return attempt

    def reply_in(self, attempt: Try, wire: bytes) -> bool:
        """A server said something, to a probe or to a question that is over; whether in answer."""
        if not answers_question(wire, attempt.question):
            return False
        server = attempt.server
        if self._health.get(server) is not attempt:
            return True
        del self._health[server]
        rcode = wire[3] & RCODE_MASK
        if rcode == SERVFAIL or (server.contradictions and rcode not in (NOERROR, NXDOMAIN)):
            return True
        server.doubt = FINE
        server.contradictions = server.unanswered = 0
        return True

    def unreachable(self, attempt: Try) -> None:
        """A server cannot be reached; it stays in doubt."""
        server = attempt.server
        if self._health.get(server) is attempt:
            del self._health[server]
            server.doubt = MISSING

    def send_for_loop(self, server: Server, query: bytes, now: float) -> None:
        """Send a question whose answer nobody wants to know."""
        attempt = self._send(server, query, now)
        if attempt is not None:
            self._loops.append(attempt)


class LoopDetector:
    """The names that tell which server sends our questions back."""

    def __init__(self, secret: bytes, *, found: Callable[[Address], None]) -> None:
        """`secret` is the same in all processes that serve together, as any may get the name back.

        `found` hears of each server that is dropped.
        """
        self._secret = secret
        self._found = found
        self._servers: dict[bytes, Server] = {}

    def watch(self, servers: Iterable[Server], probes: Probes, now: float) -> None:
        """Ask each server of a new list; the ones before are forgotten."""
        self._servers = {}
        for server in servers:
            server.in_loop = False
            query = query_for(self.name_for(server.address), TXT)
            self._servers[question_of(query)] = server
            probes.send_for_loop(server, query, now)

    def name_for(self, server: Address) -> bytes:
        """Eight hexadecimal digits below `test.` (RFC 6761 6.2: never a real domain)."""
        digest = hmac.new(self._secret, str(server).encode(), hashlib.sha256).hexdigest()
        return b"\x08" + digest[:8].encode() + b"\x04test\0"

    def came_back(self, folded_question: bytes) -> bool:
        """Whether a client's question is ours; its server is dropped then."""
        server = self._servers.get(folded_question)
        if server is None:
            return False
        if not server.in_loop:
            server.in_loop = True
            self._found(server.address)
        return True


def query_for(name: bytes, qtype: int) -> bytes:
    """A plain query behind its ID."""
    question = name + qtype.to_bytes(2, "big") + IN.to_bytes(2, "big")
    return RD.to_bytes(2, "big") + b"\0\1\0\0\0\0\0\0" + question


def question_of(query: bytes) -> bytes:
    """The question of a query behind its ID."""
    return query[10 : names.skip(query, 10) + 4]
