"""Queries in, responses out: from the zone, from the answers kept as bytes, or from elsewhere.

Bytes to bytes; sockets, clocks and other servers are the caller's. Whatever a query does, it gets
an answer or is ignored, and the process goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from dnscore.net.handler import Peer, Via
from dnscore.wire.build import Record, build_response, error_response, size_limit
from dnscore.wire.const import (
    ANY,
    BADVERS,
    CH,
    EDE_NO_REACHABLE_AUTHORITY,
    EDE_NOT_READY,
    EDE_OTHER,
    FORMERR,
    IN,
    NOERROR,
    NOTIMP,
    NXDOMAIN,
    OPCODE_QUERY,
    RA,
    RCODE_MASK,
    REFUSED,
    SERVFAIL,
    TXT,
)
from dnscore.wire.errors import WireError
from dnscore.wire.query import Query, parse_query
from kubedns.answer import Answer
from kubedns.counters import DIRECT_MAX, TC_OCTET, DnsCounters, KindCounters, Tallies
from kubedns.lookup import lookup
from kubedns.notify import is_notify_response
from kubedns.packet import answer_packet, is_plain, rotation
from kubedns.prebuilt import AnswerStore, Tallied
from kubedns.records import text_rdata
from kubedns.relay import Resolved
from kubedns.reverse import ROOTS, reverse_address
from kubedns.treecache import TreeCache


class Resolver(Protocol):
    """Other servers, see kubedns.upstream."""

    def forward(self, query: Query, done: Callable[[bytes | None], None], *, limit: int) -> None:
        """Ask a client's question; `done` gets the whole response, or None: nobody answered."""

    def resolve(self, name: bytes, qtype: int, done: Callable[[Resolved | None], None]) -> None:
        """Ask for records of a folded name; `done` gets None when nobody could say."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the server says about itself (RFC 4892, and BIND's names for the same)."""

    version: str
    hostname: str


class KubednsHandler:
    """Implements dnscore.net.handler.Handler for the cluster's zone."""

    def __init__(
        self,
        tree: TreeCache,
        *,
        upstream: Resolver,
        now: Callable[[], float],
        identity: Identity,
        on_failure: Callable[[Exception], None],
    ) -> None:
        """`now` is a monotonic clock in seconds; `on_failure` hears of faults of this program."""
        self._tree = tree
        self._upstream = upstream
        self._now = now
        self._on_failure = on_failure
        version, hostname = identity.version.encode(), identity.hostname.encode()
        self._chaos = {
            b"\x07version\x04bind\x00": version,
            b"\x07version\x06server\x00": version,
            b"\x08hostname\x04bind\x00": hostname,
            b"\x02id\x06server\x00": hostname,
        }
        self._datagrams = AnswerStore()
        self._streams = AnswerStore()
        self.notify_response: Callable[[bytes, tuple[str, int]], bool] | None = None
        """Takes responses to our NOTIFY messages with the address that they came from."""
        self.counters = DnsCounters()

        self.tallies = Tallies()
        # How many answers were put where listeners find them, and their octets.
        self._direct_put = self._direct_octets = 0

    @property
    def prebuilt(self) -> dict[bytes, bytes]:
        """Responses to UDP queries, both behind their IDs; always the same dictionary.

        In the zone, without an error, of DIRECT_MAX octets at most: whoever gives them out has
        counted them.
        """
        return self._datagrams.fixed

    @property
    def prebuilt_absent(self) -> dict[bytes, bytes]:
        """As `prebuilt`, for NXDOMAIN."""
        return self._datagrams.absent

    def changed(self, names: frozenset[bytes]) -> None:
        """Forget the answers that depend on names which `TreeCache.apply` returned."""
        if not names.isdisjoint(ROOTS) or self._tree.zone.domain in names:
            self._datagrams.clear()
            self._streams.clear()
        else:
            self._datagrams.drop(names)
            self._streams.drop(names)

    def handle(self, wire: bytes, peer: Peer, via: Via) -> bytes | None:
        """The response to a query; None when there is none or `via.send` will bring it."""
        store = self._streams if via.stream else self._datagrams
        # HOT: once per answer with several addresses.
        kept = store.tallied.get(wire[2:])
        if kept is not None:
            kept.tally.hits += 1
            turning = kept.turning
            return wire[:2] + (kept.fixed if turning is None else turning.next())
        try:
            query = parse_query(wire)
        except WireError as error:
            take = self.notify_response
            if take and is_notify_response(wire) and take(wire, via.source(peer)):
                return None
            return self._refusal(wire, error)
        try:
            return self._answer(query, peer, via, store)
        except Exception as error:  # One query's fault must not end the service for others.
            return self._fault(query, error, stream=via.stream)

    def _fault(self, query: Query, error: Exception, *, stream: bool) -> bytes:
        """What a query gets that this program cannot answer although it should."""
        self.counters.failures += 1
        self._on_failure(error)
        return _failure(query, EDE_OTHER, stream=stream)

    def _refusal(self, wire: bytes, error: WireError) -> bytes | None:
        if error.rcode is None:
            self.counters.ignored += 1
            return None
        if error.rcode == FORMERR:
            self.counters.malformed += 1
        else:
            self.counters.unsupported += 1
        return error_response(wire, error.rcode)

    def _answer(self, query: Query, peer: Peer, via: Via, store: AnswerStore) -> bytes | None:
        if query.edns_version or query.opcode != OPCODE_QUERY:
            self.counters.unsupported += 1
            # RFC 6891 6.1.3; a NOTIFY (RFC 1996) has nothing to tell a primary server.
            rcode = BADVERS if query.edns_version else NOTIMP
            return _without_records(query, rcode, stream=via.stream)
        if query.qclass != IN:
            request = _Request(query, peer, via, self._now(), self.counters.auth)
            return self._finish(request, self._chaos_answer(query))
        in_zone = self._tree.zone.relative(query.name) is not None
        is_reverse = not in_zone and reverse_address(query.name) is not None
        kind = self.counters.auth if in_zone else self.counters.recursive
        request = _Request(
            query, peer, via, self._now(), self.counters.reverse if is_reverse else kind
        )
        if (in_zone or is_reverse) and not self._tree.synced:
            return self._count(request, _failure(query, EDE_NOT_READY, stream=via.stream))
        answer = lookup(self._tree, query.name, query.qtype)
        if answer is None:
            self._forward(request)
            return None
        if answer.chase is not None:
            self._chase(request, answer, answer.chase)
            return None
        response = self._finish(request, answer)
        if not answer.volatile and is_plain(query):
            self._keep(request, answer, response, store)
        return response

    def _keep(
        self, request: _Request, answer: Answer, response: bytes, store: AnswerStore
    ) -> None:
        """Have the same question answered by the same bytes, counted as this answer was."""
        query, depends = request.query, answer.depends
        kept = rotation(query, answer, response) if answer.turning > 1 else response[2:]
        if kept is None:
            return
        size, rcode = len(response), response[3] & RCODE_MASK
        if (
            isinstance(kept, bytes)
            and request.kind is self.counters.auth
            and not request.via.stream
            and not response[2] & TC_OCTET
            and size <= DIRECT_MAX
            and rcode in (NOERROR, NXDOMAIN)
        ):
            self._direct_put += 1
            self._direct_octets += size
            store.put(query.wire[2:], kept, depends)
        else:
            kind = "auth" if request.kind is self.counters.auth else "reverse"
            store.put(query.wire[2:], Tallied(kept, self.tallies.of(kind, response)), depends)

    def totals(self, *, hits: int, absent_hits: int) -> DnsCounters:
        """The counters with all kept answers in them, from any thread.

        `hits` and `absent_hits` are what listeners gave out of `prebuilt` and `prebuilt_absent`.
        The sum of the sizes of those is an estimate; everything else is exact.
        """
        totals = self.counters.copy()
        self.tallies.add_to(totals)
        size = self._direct_octets // max(1, self._direct_put)
        for rcode, times in ((NOERROR, hits), (NXDOMAIN, absent_hits)):
            if times:
                totals.auth.add(0, rcode, min(size, DIRECT_MAX), times=times)
        return totals

    def _chaos_answer(self, query: Query) -> Answer:
        text = self._chaos.get(query.name) if query.qclass == CH else None
        if text is None or query.qtype not in (TXT, ANY):
            return Answer(REFUSED)
        return Answer(NOERROR, (Record(query.name, TXT, 0, text_rdata(text), CH),))

    def _forward(self, request: _Request) -> None:
        query, via = request.query, request.via

        def done(response: bytes | None) -> None:
            if response is None:
                response = _failure(query, EDE_NO_REACHABLE_AUTHORITY, stream=via.stream)
            via.send(self._count(request, response), request.peer)

        limit = size_limit(query, stream=via.stream)
        self._upstream.forward(query, done, limit=limit)

    def _chase(self, request: _Request, answer: Answer, target: bytes) -> None:
        """Answer with a chain of aliases and what others say about its last target."""

        def done(found: Resolved | None) -> None:
            # Nobody could say: the alias is true, and SERVFAIL has the client try again. Else
            # RFC 6604 3: the rcode is that of the last name.
            rcode, records = found if found is not None else (SERVFAIL, [])
            if answer.ttl_max_s is not None:
                records = [r._replace(ttl=min(r.ttl, answer.ttl_max_s)) for r in records]
            whole = replace(answer, rcode=rcode, answers=(*answer.answers, *records))
            try:
                response = self._finish(request, whole)
            except Exception as error:  # Foreign records; see `handle`.
                response = self._fault(request.query, error, stream=request.via.stream)
            request.via.send(response, request.peer)

        self._upstream.resolve(target, request.query.qtype, done)

    def _finish(self, request: _Request, answer: Answer) -> bytes:
        packet = answer_packet(request.query, answer, stream=request.via.stream)
        if answer.rcode == NOERROR and answer.authorities:
            request.kind.nodata += 1
        return self._count(request, packet)

    def _count(self, request: _Request, response: bytes) -> bytes:
        request.kind.count(response, duration_s=self._now() - request.started_s)
        return response


@dataclass(slots=True)
class _Request:
    """A query under way."""

    query: Query
    peer: Peer
    via: Via
    started_s: float
    kind: KindCounters


def _without_records(
    query: Query, rcode: int, *, stream: bool, extended_error: int | None = None
) -> bytes:
    return build_response(
        query,
        flags=RA,
        rcode=rcode,
        limit=size_limit(query, stream=stream),
        extended_error=extended_error,
    )


def _failure(query: Query, extended_error: int, *, stream: bool) -> bytes:
    """SERVFAIL with its reason (RFC 8914)."""
    return _without_records(query, SERVFAIL, stream=stream, extended_error=extended_error)
