"""Questions to other servers and their answers: a state machine without sockets or clocks.

One question is outstanding once, however many clients ask it (a second one would double an
attacker's chances, RFC 5452 5); its clients wait together and each gets the answer in its own
spelling and size. A try ends after TRY_S and the next server of the group is asked, and the
first again when all were silent. A server that is slower than it uses to be gets a second one
beside it, one that fails is followed by the next at once, and its failure is told only when
nobody does better. After QUESTION_S, or when none can be reached, the clients get SERVFAIL:
silence helps nobody.

Events come in as `ask`, `reply_in`, `unreachable`, `forged` and `on_timer`, with `now` in
monotonic seconds; what is to be sent goes to the Transport and to the clients' Via.
"""

from __future__ import annotations

from dnscore.wire.const import (
    EDE_NETWORK_ERROR,
    EDE_NO_REACHABLE_AUTHORITY,
    NOERROR,
    NXDOMAIN,
    SERVFAIL,
    TC,
)
from dnscore.wire.errors import Malformed
from dnscore.wire.names import is_below
from dnscore.wire.scan import (
    Scan,
    answers_question,
    plain_scan,
    plain_ttl,
    scan_response,
    with_ttls,
)
from dnsmasq_front.asked import Asked
from dnsmasq_front.at_once import answer_at_once
from dnsmasq_front.cache import TTL_CAP, Cache
from dnsmasq_front.delivery import (
    deliver,
    deliver_failure,
    deliver_plain,
    deliver_unconfirmed,
    failure,
    unconfirmed,
)
from dnsmasq_front.groups import Groups, Policy
from dnsmasq_front.keeping import Keeper
from dnsmasq_front.local import LocalData
from dnsmasq_front.outstanding import Outstanding
from dnsmasq_front.pending import Pending, Transport, Try, Waiter
from dnsmasq_front.probes import LoopDetector, Probes
from dnsmasq_front.reply import bare_body
from dnsmasq_front.routes import Route, Routes
from dnsmasq_front.screen import Screen
from dnsmasq_front.servers import TRY_S, IsNear, ServerGroup, on_this_machine
from dnsmasq_front.spelling import RandomBytes
from dnsmasq_front.tries import Tries

TICK_S = 0.1
"""How exactly tries end: up to so much late, and up to SPREAD_S more when many end together."""
QUESTION_S = 5.0 - 4 * TICK_S
"""Wait for any answer: stub resolvers give up after 5 s (resolv.conf(5), timeout), and when many
questions end together it takes a moment until the last client has been told."""


class Forwarder:
    """The questions that are outstanding, and what becomes of their answers."""

    def __init__(
        self,
        routes: Routes,
        cache: Cache,
        transport: Transport,
        *,
        local: LocalData,
        random_bytes: RandomBytes,
        is_near: IsNear = on_this_machine,
        policy: Policy | None = None,
        loops: LoopDetector | None = None,
        screen: Screen | None = None,
    ) -> None:
        """`is_near` tells whom no one can pretend to be; `screen` looks at what servers say."""
        self._cache = cache
        self._keeps = cache.keeps
        self._transport = transport
        self._local = local
        policy = policy or Policy()
        self._group_max = policy.group_max
        self._loops = loops
        self._screen = screen
        # Whether a plain answer goes out as it came, whatever it says.
        self._passes_plain = cache.options.max_ttl_s >= TTL_CAP and (
            screen is None or screen.passes_plain
        )
        self._probes = Probes(transport)
        self._routes = Routes()
        self.keeper = Keeper(cache, routes=lambda: self._routes)
        self._groups = Groups(is_near=is_near, strict=policy.strict_order)
        tries = Tries(transport, random_bytes=random_bytes, all_servers=policy.all_servers)
        self._begin, self._start, self._ask_more = tries.begin, tries.start, tries.ask_more
        self._outstanding = Outstanding()
        self._pending = self._outstanding.by_key
        self.forwarded = 0  # Client queries that were not answered at once.
        self.failed = 0  # Client queries answered with SERVFAIL for want of an answer,
        self.failed_full = 0  # and because their group was full.
        self.malformed = 0  # Answers of servers that cannot be read.
        self._looked_at = 0.0
        self.forgeries = 0  # Questions asked over TCP because forged answers kept coming.
        self.use_routes(routes, now=0.0)

    def use_routes(self, routes: Routes, *, now: float) -> None:
        """Take a new routing table; questions that are outstanding go on with the old one.

        Names that others answer for now are forgotten, and all else stays known.
        """
        before, self._routes = self._routes, routes
        self._outstanding.overtake(lambda pending: not routes.agrees(before, pending.name))
        for domain in routes.changed(before):
            self._cache.drop_domain(domain)
        default = self._groups.use(routes)
        if self._loops and default:
            self._loops.watch(default.servers, self._probes, now)

    @property
    def routes(self) -> Routes:
        """The routing table that is in use."""
        return self._routes

    @property
    def groups(self) -> dict[Route, ServerGroup]:
        """The server groups, for statistics."""
        return self._groups.by_route

    @property
    def outstanding(self) -> int:
        """Questions without an answer so far."""
        return len(self._outstanding)

    @property
    def joined(self) -> int:
        """Clients that wait for a question that another one asked."""
        return self._outstanding.joined

    # HOT: once per query that the cache cannot answer.
    def ask(
        self, asked: Asked, waiter: Waiter, *, now: float, route: Route | None = None
    ) -> bytes | None:
        """The response if there is one at once; else None, and the waiter's Via brings it.

        A response given at once has the ID of `asked`, not the waiter's. `route` overrides the
        routing table.
        """
        pending = self._pending.get(asked.key)
        if pending is not None:
            return self._join(pending, waiter)
        if self._loops is not None and self._loops.came_back(asked.key[:-1]):
            return None  # Our own question; an answer would only go round.
        if asked.routes is not self._routes or asked.names is not self._local.names:
            response = self._decide(asked, waiter, route)
            if response is not None:
                return response
        group = asked.group
        if group.pending >= self._group_max:
            return self._refuse(asked, waiter, now)
        pending = Pending(asked, (waiter,), asked.route, group, now + QUESTION_S, now + TRY_S)
        self._pending[asked.key] = pending
        group.pending += 1
        self.forwarded += 1
        server = group.only
        if server is None or server.in_loop:
            self._go_on(pending, now)
        else:
            pending.tried = group.servers
            if not self._begin(pending, server, now):
                server.missed(asked.outgoing)
                self._go_on(pending, now)
        return None

    def _decide(self, asked: Asked, waiter: Waiter, route: Route | None) -> bytes | None:
        """An answer of our own; None: `asked` tells now which servers are to be asked."""
        if route is None:
            route = self._routes.find(asked.query.name)
        response = answer_at_once(waiter, route, self._local)
        if response is None and route is not None:
            asked.routes, asked.names = self._routes, self._local.names
            asked.route, asked.group = route, self._groups.of(route)
        return response

    def _refuse(self, asked: Asked, waiter: Waiter, now: float) -> bytes:
        """What a client gets when its group has no place for another question."""
        body = self._cache.fallback(asked.key, now)
        if body is not None:
            return unconfirmed(body, waiter)
        # SERVFAIL, not dnsmasq's REFUSED: resolvers take that for "never ask me again".
        self.failed_full += 1
        return failure(waiter, SERVFAIL, EDE_NO_REACHABLE_AUTHORITY)

    def _join(self, pending: Pending, waiter: Waiter) -> bytes | None:
        if not self._outstanding.join(pending, waiter):
            return failure(waiter, SERVFAIL, EDE_NETWORK_ERROR)
        self.forwarded += 1
        return None

    # HOT: once per answer of a server.
    def reply_in(self, attempt: Try, wire: bytes, *, now: float) -> bool:
        """A datagram came from the server that was asked; whether it answers the question."""
        pending, server = attempt.pending, attempt.server
        if pending is None:
            return self._probes.reply_in(attempt, wire)
        asked = pending.asked
        # The answer that it had the last time, octet for octet, has been read before.
        is_known = wire[2:] == asked.last_answer and attempt.question is asked.question
        if is_known:
            ttl = asked.last_ttl
        else:
            ttl = plain_ttl(wire, attempt.plain_start)
            if ttl < 0 and not answers_question(wire, attempt.question):
                return False
        if ttl < 0 or not pending.is_simple or server.case_misses or not self._passes_plain:
            self._read(attempt, pending, wire, now)
            return True
        group = pending.group
        attempt.pending = None
        del self._pending[asked.key]
        group.pending -= 1
        if group.is_impatient:
            group.answered(server, now - attempt.sent_at)
        elif server.answered_at != now:
            # Of answers that were read together the first one tells how fast the server is.
            server.answered_at = now
            server.answered(now - attempt.sent_at)
        if self._keeps:
            scan = plain_scan(wire, attempt.question, ttl)
            self.keeper.keep(pending.route, asked.key, asked.query.name, wire, scan, now=now)
        if not is_known:
            asked.note_answer(wire, attempt.question, ttl)
        waiters = pending.waiters
        if len(waiters) != 1 or waiters[0][0] is not asked:
            self._outstanding.joined -= len(waiters) - 1
            deliver_plain(wire, attempt.question, waiters)
            return True
        _, id_, peer, via = waiters[0]
        via.send(id_ + asked.last_reply, peer)
        return True

    def _read(self, attempt: Try, pending: Pending, wire: bytes, now: float) -> None:
        """As reply_in, for an answer that may say anything."""
        question, server = attempt.question, attempt.server
        try:
            scan = scan_response(wire, question)
        except Malformed:
            self.malformed += 1
            self.unreachable(attempt, now=now)
            return
        in_doubt = question is not pending.asked.question and not attempt.is_spelled(wire)
        if in_doubt or (scan.flags & TC and not attempt.stream):
            self._ask_stream(attempt, now)
            return
        attempt.end()
        if scan.rcode != NOERROR and scan.rcode != NXDOMAIN:
            server.failed += 1
            server.spoke()
            pending.hold(wire, scan, server)
            self._go_on(pending, now)
            return
        if scan.rcode == NXDOMAIN:
            server.nxdomain += 1
        pending.group.answered(server, now - attempt.sent_at)
        for failing in pending.failing:
            failing.contradicted(pending.outgoing)
        self._finish(pending, wire, scan, now=now)

    def forged(self, attempt: Try, *, now: float) -> None:
        """So much came that was no answer that one of the next could be taken for one."""
        if attempt.pending is not None:
            self.forgeries += 1
            self._ask_stream(attempt, now)

    def _ask_stream(self, attempt: Try, now: float) -> None:
        """Ask the same server over TCP, where no one can put words into its mouth."""
        pending, server = attempt.end(), attempt.server
        if pending and not self._start(pending, server, now, True):
            server.missed(pending.outgoing)
            self._go_on(pending, now)

    def unreachable(self, attempt: Try, *, now: float) -> None:
        """The server cannot be reached, or its answer is of no use: ask the next one."""
        pending = attempt.end()
        if pending is None:
            self._probes.unreachable(attempt)
            return
        attempt.server.missed(pending.outgoing)
        self._go_on(pending, now)

    def _go_on(self, pending: Pending, now: float) -> None:
        """A try has ended without a good answer: ask the next, wait for the others, or end."""
        if not self._ask_more(pending, now) and not pending.tries:
            self._settle(pending, now)

    def _settle(self, pending: Pending, now: float) -> None:
        """Nobody will answer: pass on what we know, the best failure that came, or SERVFAIL."""
        self._answer_unconfirmed(pending, now)
        if pending.failure is not None:
            self._finish(pending, *pending.failure, now=now)
            return
        self._forget(pending)
        self.failed += len(pending.waiters)
        deliver_failure(pending.waiters, *pending.verdict)

    def _answer_unconfirmed(self, pending: Pending, now: float) -> None:
        """Let the clients wait no longer if the cache still has something for them (RFC 8767)."""
        body = self._cache.fallback(pending.key, now) if pending.waiters else None
        if body is not None:
            waiters, pending.waiters = pending.waiters, ()
            self._outstanding.joined -= len(waiters)
            deliver_unconfirmed(body, waiters)

    def _finish(self, pending: Pending, wire: bytes, scan: Scan, *, now: float) -> None:
        self._forget(pending)
        body, error, may_keep = bare_body(wire, scan), None, self._keeps and not pending.outdated
        if self._screen is not None:
            screened = self._screen.screened(body, scan, pending.route)
            if screened is not None:
                body, scan, error, passed = screened
                may_keep = may_keep and passed
        if may_keep:
            route, key = pending.route, pending.key
            self.keeper.keep(route, key, pending.name, body, scan, now=now)
        cap = self._cache.options.max_ttl_s
        if cap < TTL_CAP:
            body = bytes(with_ttls(body, scan.ttl_offsets, age_s=0, cap_s=cap))
        deliver(body, pending.waiters, error=error)

    def drop(self, name: bytes) -> int:
        """Everything at and below a folded name has changed; how many answers are forgotten.

        What is under way may have been answered before the change.
        """
        self._outstanding.overtake(lambda pending: is_below(pending.name, name))
        return self._cache.drop(name)

    def _forget(self, pending: Pending) -> None:
        self._outstanding.remove(pending)
        while pending.tries:
            attempt = pending.tries[-1]
            self._transport.cancel(attempt)
            attempt.end()

    def on_timer(self, now: float) -> float:
        """Look at tries whose time is over; in how many seconds to call again.

        TICK_S after they were looked for, but much sooner while some are left of those found.
        """
        outstanding = self._outstanding
        if outstanding.again_s is None:
            self._looked_at = now
        for pending in outstanding.due(now):
            self._look_again(pending, now)
        if self._looked_at == now:
            self._probes.on_timer(self.groups.values(), now)
        if outstanding.again_s is not None:
            return outstanding.again_s
        return max(0.0, TICK_S - (now - self._looked_at))

    def _look_again(self, pending: Pending, now: float) -> None:
        """End the tries whose time is over and ask others; or ask another one beside a slow one."""
        silent = [attempt for attempt in pending.tries if attempt.sent_at + TRY_S <= now]
        for attempt in silent:
            self._transport.cancel(attempt)
            attempt.end()
            attempt.server.missed(pending.outgoing)
            pending.was_silent = True
        if silent:
            self._answer_unconfirmed(pending, now)
        if now >= pending.deadline:
            self._settle(pending, now)
            return
        if pending.tries and not silent:
            pending.tries[-1].server.overdue(pending.outgoing)
        elif not pending.tries and pending.failure is None and not pending.has_next:
            pending.tried = ()  # A packet may have been lost: there is another round.
        another = silent or pending.group.take_second(pending.tried)
        if another and self._ask_more(pending, now):
            return
        if pending.tries:
            pending.look_at = min(pending.tries[0].sent_at + TRY_S, pending.deadline)
        else:
            self._settle(pending, now)
