"""Questions to other servers and their answers: a state machine without sockets or clocks.

One question is outstanding once, however many clients ask it (a second one would double an
attacker's chances, RFC 5452 5); its clients wait together and each gets the answer in its own
spelling and size. A try ends after TRY_S and the next server of the group is asked, and the
first again when all were silent; after QUESTION_S, or when none can be reached, the clients get
SERVFAIL: silence helps nobody.

Events come in as `ask`, `reply_in`, `unreachable` and `on_timer`, with `now` in monotonic
seconds; what is to be sent goes to the Transport and to the clients' Via.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from dnscore.net.address import Address
from dnscore.net.handler import Peer, Via
from dnscore.wire.build import build_response, size_limit
from dnscore.wire.const import (
    EDE_NETWORK_ERROR,
    EDE_NO_REACHABLE_AUTHORITY,
    EDE_NOT_READY,
    RA,
    RCODE_MASK,
    REFUSED,
    SERVFAIL,
)
from dnscore.wire.errors import Malformed
from dnscore.wire.query import Query
from dnscore.wire.scan import Scan, scan_response, with_ttls
from dnsmasq_front.asked import Asked
from dnsmasq_front.cache import TTL_CAP, Cache
from dnsmasq_front.local import is_answered_here, local_answer
from dnsmasq_front.reply import bare_body, reply
from dnsmasq_front.routes import Route, Routes
from dnsmasq_front.servers import Server, ServerGroup

TRY_S = 2.0
"""Wait for one server's answer."""
TICK_S = 0.1
"""How exactly tries end: up to two ticks late, one for the bucket and one for the timer."""
QUESTION_S = 5.0 - 2 * TICK_S
"""Wait for any answer: stub resolvers give up after 5 s (resolv.conf(5), timeout)."""
WAITERS_MAX = 200
"""Clients that may wait for one question; more get SERVFAIL."""
LOCAL_LIFE_S = (0.2, 0.4)
"""Bounds of the life of an answer from the cluster's own server. It is asked again for some
microseconds, and what it says may change at any moment: a deleted service must not live on here.
"""


class Waiter(NamedTuple):
    """A client that waits for an answer."""

    query: Query
    id: bytes
    peer: Peer
    via: Via


class Pending:
    """A question that has been asked and not been answered.

    `question` and `outgoing` are as it was sent; `ticket` is the transport's, for giving up;
    `stream` tells whether the latest try went over TCP.
    """

    __slots__ = (
        "bucket",
        "deadline",
        "group",
        "key",
        "outgoing",
        "question",
        "route",
        "sent_at",
        "server",
        "stream",
        "ticket",
        "tried",
        "waiters",
    )

    def __init__(self, asked: Asked, waiter: Waiter, route: Route, group: ServerGroup) -> None:
        self.key = asked.key
        self.question = asked.question
        self.outgoing = asked.outgoing
        self.route = route
        self.group = group
        self.waiters = [waiter]
        self.tried: tuple[Server, ...] = ()
        self.stream = False
        self.server: Server | None = None
        self.ticket: object = None
        self.sent_at = 0.0
        self.deadline = 0.0
        self.bucket: set[Pending] | None = None


class Transport(Protocol):
    """Sends questions; answers come back through `reply_in` and `unreachable`."""

    def send(self, server: Address, query: bytes, pending: Pending) -> object:
        """Send over UDP under an unpredictable ID; returns a ticket.

        `query` has no ID. Only a response with that ID and the question comes back.
        OSError when it cannot be sent.
        """

    def send_stream(self, server: Address, query: bytes, pending: Pending) -> object:
        """Send over TCP; as `send`."""

    def cancel(self, ticket: object) -> None:
        """Expect no answer any more."""


class Forwarder:
    """The questions that are outstanding, and what becomes of their answers."""

    def __init__(
        self,
        routes: Routes,
        cache: Cache,
        transport: Transport,
        *,
        group_max: int = 150,
    ) -> None:
        """`group_max` bounds the outstanding questions of each server group."""
        self._cache = cache
        self._transport = transport
        self._group_max = group_max
        self._groups: dict[Route, ServerGroup] = {}
        self._pending: dict[bytes, Pending] = {}
        self._buckets: dict[int, set[Pending]] = {}
        """Questions by the tick in which their try ends, so that an answered one leaves at once."""
        self.forwarded = 0
        """Client queries that were not answered at once."""
        self.failed = 0
        """Client queries answered with SERVFAIL for want of an answer."""
        self.failed_full = 0
        """Client queries answered with SERVFAIL because their group was full."""
        self.malformed = 0
        """Answers of servers that cannot be read."""
        self.use_routes(routes)

    def use_routes(self, routes: Routes) -> None:
        """Take a new routing table; questions that are outstanding go on with the old one."""
        self._routes = routes
        # What is known of the servers of an unchanged route stays known.
        known = {(route.domain, route.servers): group for route, group in self._groups.items()}
        self._groups = {
            route: known.get((route.domain, route.servers)) or ServerGroup(route.servers)
            for route in routes.all
        }

    @property
    def groups(self) -> dict[Route, ServerGroup]:
        """The server groups, for statistics."""
        return self._groups

    @property
    def outstanding(self) -> int:
        """Questions without an answer so far."""
        return len(self._pending)

    # HOT: once per query that the cache cannot answer.
    def ask(self, asked: Asked, waiter: Waiter, *, now: float) -> bytes | None:
        """The response if there is one at once; else None, and the waiter's Via brings it.

        A response given at once has the ID of `asked`, not the waiter's.
        """
        pending = self._pending.get(asked.key)
        if pending is not None:
            if len(pending.waiters) >= WAITERS_MAX:
                return _failure(waiter, SERVFAIL, EDE_NETWORK_ERROR)
            pending.waiters.append(waiter)
            self.forwarded += 1
            return None
        route = asked.route(self._routes)
        if route is None:
            # Nobody to ask: dnsmasq answers REFUSED, with EDE 14 for those who read it.
            return _failure(waiter, REFUSED, EDE_NOT_READY)
        if (route.is_local or route.addresses) and is_answered_here(route, asked.query):
            return local_answer(route, asked.query, stream=waiter.via.stream)
        group = self._groups[route]
        if group.pending >= self._group_max:
            # SERVFAIL, not dnsmasq's REFUSED: resolvers take that for "never ask me again".
            self.failed_full += 1
            return _failure(waiter, SERVFAIL, EDE_NO_REACHABLE_AUTHORITY)
        pending = Pending(asked, waiter, route, group)
        pending.deadline = now + QUESTION_S
        self._pending[asked.key] = pending
        group.pending += 1
        self.forwarded += 1
        self._try_next(pending, now)
        return None

    def _try_next(self, pending: Pending, now: float) -> None:
        """Ask the next server of the group; without one, tell the clients."""
        while now < pending.deadline:
            server = pending.group.choose(pending.tried, now)
            if server is None:
                break
            pending.tried = (*pending.tried, server)
            if self._send(pending, server, now=now, stream=False):
                return
            server.missed(now)
        self._give_up(pending)

    def _send(self, pending: Pending, server: Server, *, now: float, stream: bool) -> bool:
        pending.server = server
        pending.stream = stream
        pending.sent_at = now
        server.sent += 1
        send = self._transport.send_stream if stream else self._transport.send
        try:
            pending.ticket = send(server.address, pending.outgoing, pending)
        except OSError:
            pending.ticket = None
            return False
        self._wait(pending, until=min(now + TRY_S, pending.deadline))
        return True

    def _wait(self, pending: Pending, *, until: float) -> None:
        if pending.bucket is not None:
            pending.bucket.discard(pending)
        tick = int(until / TICK_S) + 1
        bucket = self._buckets.get(tick)
        if bucket is None:
            bucket = self._buckets[tick] = set()
        bucket.add(pending)
        pending.bucket = bucket

    def reply_in(self, pending: Pending, wire: bytes, *, now: float) -> None:
        """A response to the question came from the server that was asked."""
        server = pending.server
        if server is None:
            return
        try:
            scan = scan_response(wire, pending.question)
        except Malformed:
            self.malformed += 1
            self.unreachable(pending, now=now)
            return
        if scan.truncated and not pending.stream:
            if not self._send(pending, server, now=now, stream=True):
                self.unreachable(pending, now=now)
            return
        refused = scan.rcode in (SERVFAIL, REFUSED)
        # The upper bits of an rcode stand in the OPT record, so it cannot be passed on.
        if scan.rcode > RCODE_MASK or (refused and self._has_next(pending)):
            self.unreachable(pending, now=now)
            return
        if refused:
            server.missed(now)
        else:
            server.answered(now - pending.sent_at)
        self._finish(pending, wire, scan, now=now)

    def _has_next(self, pending: Pending) -> bool:
        return len(pending.tried) < len(pending.group.servers)

    def unreachable(self, pending: Pending, *, now: float) -> None:
        """The server cannot be reached, or its answer is of no use: ask the next one."""
        if pending.server is not None:
            pending.server.missed(now)
            pending.server = None
            self._try_next(pending, now)

    def _finish(self, pending: Pending, wire: bytes, scan: Scan, *, now: float) -> None:
        self._forget(pending)
        body = bare_body(wire, scan)
        life = self._local_life() if pending.route.is_cluster else float("inf")
        self._cache.store(pending.key, body, scan, now=now, life_cap_s=life)
        cap = self._cache.options.max_ttl_s
        if cap < TTL_CAP:
            body = bytes(with_ttls(body, scan.ttl_offsets, age_s=0, cap_s=cap))
        for query, id_, peer, via in pending.waiters:
            response = reply(body, query, stream=via.stream, authoritative=True)
            via.send(id_ + response[2:], peer)

    def _local_life(self) -> float:
        """Spread over its bounds (by the golden ratio), lest all names be asked again at once."""
        shortest, longest = LOCAL_LIFE_S
        return shortest + (longest - shortest) * (self.forwarded * 0.618034 % 1.0)

    def _forget(self, pending: Pending) -> None:
        del self._pending[pending.key]
        pending.group.pending -= 1
        pending.server = None
        pending.ticket = None  # It knows this question: without a circle both are freed at once.
        if pending.bucket is not None:
            pending.bucket.discard(pending)

    def _give_up(self, pending: Pending) -> None:
        self._forget(pending)
        for waiter in pending.waiters:
            self.failed += 1
            response = _failure(waiter, SERVFAIL, EDE_NO_REACHABLE_AUTHORITY)
            waiter.via.send(waiter.id + response[2:], waiter.peer)

    def on_timer(self, now: float) -> None:
        """End the tries whose time is over; to be called every TICK_S."""
        ended = int(now / TICK_S)
        for tick in [t for t in self._buckets if t <= ended]:
            for pending in tuple(self._buckets.pop(tick)):
                pending.bucket = None
                self._transport.cancel(pending.ticket)
                if not self._has_next(pending):
                    pending.tried = ()  # A packet may have been lost: there is another round.
                self.unreachable(pending, now=now)


def _failure(waiter: Waiter, rcode: int, error: int | None) -> bytes:
    query = waiter.query
    limit = size_limit(query, stream=waiter.via.stream)
    return build_response(query, flags=RA, rcode=rcode, limit=limit, extended_error=error)
